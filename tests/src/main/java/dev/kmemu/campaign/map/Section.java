package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.map.MapVerb.Operands;
import dev.kmemu.campaign.sched.Preemption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What some threads are to do at the same time, and where they are preempted. */
final class Section {

  private static final int NOBODY = -1;

  private final List<List<Step>> steps = new ArrayList<>();
  private final List<Preemption> preemptions = new ArrayList<>();
  private final int[] mentions = new int[Operands.SPACES];
  private final boolean[] forks = new boolean[Operands.SPACES];
  private int thread = NOBODY;

  Section() {
    for (int i = 0; i < Operands.THREADS; i++) {
      steps.add(new ArrayList<>());
    }
  }

  /** Takes a step that belongs here; false for one that is to be done at once. */
  boolean takes(Step step) {
    MapVerb verb = (MapVerb) step.verb();
    if (verb == MapVerb.THREAD) {
      thread = step.index(0);
    } else if (verb == MapVerb.PREEMPT) {
      preemptions.add(new Preemption(step.index(0), step.index(1) + 1, step.index(2)));
    } else if (thread == NOBODY || !verb.isConcurrent()) {
      return false;
    } else {
      steps.get(thread).add(step);
      note(verb, step);
    }
    return true;
  }

  private void note(MapVerb verb, Step step) {
    if (!verb.operands().isEmpty() && verb.operands().get(0) == Operands.SPACE) {
      mentions[step.index(0)]++;
    }
    if (verb == MapVerb.FORK) {
      mentions[step.index(1)]++;
      forks[step.index(0)] = true;
    }
  }

  boolean isEmpty() {
    return steps.stream().allMatch(List::isEmpty);
  }

  List<Step> steps(int ofThread) {
    return steps.get(ofThread);
  }

  List<Preemption> preemptions() {
    return preemptions;
  }

  /** Whether one step alone speaks of a space. */
  boolean mentionsOnce(int space) {
    return mentions[space] == 1;
  }

  /** Whether a space is forked. */
  boolean forks(int space) {
    return forks[space];
  }

  /** Returns the page of a thread that stands for a page: two are its own, in each space. */
  static int ownPage(int ofThread, int page) {
    int own = Operands.PAGES / Operands.THREADS;
    return ofThread * own + page % own;
  }

  /** Returns the allocation of a thread that stands for an allocation. */
  static int ownSlot(int ofThread, int slot) {
    int own = Operands.SLOTS / Operands.THREADS;
    return ofThread * own + slot % own;
  }

  /** Returns the words of all steps, for the name of a failure. */
  String verbs() {
    return String.join(
        "+",
        steps.stream()
            .flatMap(List::stream)
            .map(step -> step.verb().word())
            .sorted()
            .distinct()
            .toArray(String[]::new));
  }

  @Override
  public String toString() {
    return Arrays.toString(steps.toArray());
  }
}
