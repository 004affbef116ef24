package dev.kmemu.campaign.map;

import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.StepSource;
import dev.kmemu.campaign.map.MapVerb.Operands;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random steps for threads that go at the same time. */
final class SectionSource {

  /** How many of a hundred choices are a section: some runs have none, others many. */
  private static final int[] PERCENT = {0, 2, 6, 15};

  private static final int MOST_STEPS = 3;
  private static final int MOST_PREEMPTIONS = 5;
  private static final int TRIES = 30;

  private SectionSource() {}

  static boolean comesNext(StepSource source) {
    return source.random().nextInt(100) < PERCENT[source.character(PERCENT.length)];
  }

  static List<Step> section(StepSource source) {
    SplittableRandom random = source.random();
    List<Step> steps = new ArrayList<>();
    int threads = Math.min(2 + random.nextInt(5) / 3 + random.nextInt(4) / 3, Operands.THREADS);
    for (int i = 0; i < threads; i++) {
      steps.add(Step.of(MapVerb.THREAD, i));
      for (int n = 1 + random.nextInt(MOST_STEPS); n > 0; n--) {
        steps.add(concurrent(source));
      }
    }
    for (int n = 1 + random.nextInt(MOST_PREEMPTIONS); n > 0; n--) {
      // Most operations are short.
      int point = random.nextInt(1 + random.nextInt(1 + random.nextInt(Operands.MOST_POINTS)));
      int thread = random.nextInt(threads);
      int next = (thread + 1 + random.nextInt(threads - 1)) % threads;
      steps.add(Step.of(MapVerb.PREEMPT, thread, point, next));
    }
    steps.add(Step.of(MapVerb.TOGETHER));
    return steps;
  }

  private static Step concurrent(StepSource source) {
    for (int i = 0; i < TRIES; i++) {
      Step step = source.next();
      if (((MapVerb) step.verb()).isConcurrent()) {
        return step;
      }
    }
    return Step.of(MapVerb.STORE, 0, 0);
  }
}
