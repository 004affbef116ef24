package dev.kmemu.campaign.shrink;

import dev.kmemu.campaign.Operand;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.Suite;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Delta debugging of a sequence of steps: leaves out what isn't needed, in ever smaller chunks, and
 * then makes the operands of what is left as simple as they can be.
 */
public final class Shrinker {

  private final Function<Step, List<Step>> simplerSteps;
  private final Predicate<List<Step>> fails;
  private final BooleanSupplier isOver;
  private List<Step> steps = List.of();
  private int tries;

  /**
   * Creates a shrinker.
   *
   * @param simpler what may stand for a step, see {@link Suite#simpler}
   * @param fails whether a sequence still fails in the way that is looked for
   * @param isOver asked before each try: once true, the shortest sequence so far must do
   */
  public Shrinker(
      Function<Step, List<Step>> simpler, Predicate<List<Step>> fails, BooleanSupplier isOver) {
    this.simplerSteps = simpler;
    this.fails = fails;
    this.isOver = isOver;
  }

  /** Returns how many sequences were tried. */
  public int tries() {
    return tries;
  }

  /** Returns the simplest sequence found that fails as {@code failing} does. */
  public List<Step> shrink(List<Step> failing) {
    steps = List.copyOf(failing);
    boolean simpler = true;
    while (simpler && !isOver.getAsBoolean()) {
      simpler = leaveOut();
      simpler |= replaceSteps();
      simpler |= simplifyOperands();
    }
    return steps;
  }

  private boolean leaveOut() {
    boolean shorter = false;
    for (int chunk = Math.max(1, steps.size() / 2); chunk >= 1; ) {
      boolean helped = leaveOutChunks(chunk);
      shorter |= helped;
      // Single steps go once more when some went: others may not be needed any longer.
      if (!helped || chunk > 1) {
        chunk = chunk == 1 ? 0 : Math.min(chunk / 2, Math.max(1, steps.size() / 2));
      }
    }
    return shorter;
  }

  /** From the end, because what comes late depends on what came before. */
  private boolean leaveOutChunks(int chunk) {
    boolean helped = false;
    for (int end = steps.size(); end > 0; end -= chunk) {
      int start = Math.max(0, end - chunk);
      List<Step> without = new ArrayList<>(steps.subList(0, start));
      without.addAll(steps.subList(Math.min(end, steps.size()), steps.size()));
      helped |= accept(without);
    }
    return helped;
  }

  private boolean replaceSteps() {
    boolean simpler = false;
    for (int i = 0; i < steps.size(); i++) {
      for (Step candidate : simplerSteps.apply(steps.get(i))) {
        List<Step> changed = new ArrayList<>(steps);
        changed.set(i, candidate);
        if (accept(changed)) {
          simpler = true;
          break;
        }
      }
    }
    return simpler;
  }

  private boolean simplifyOperands() {
    boolean simpler = false;
    for (int i = 0; i < steps.size(); i++) {
      List<Operand> operands = steps.get(i).verb().operands();
      for (int operand = 0; operand < operands.size(); operand++) {
        simpler |= simplify(i, operand);
      }
    }
    return simpler;
  }

  /** Tries 0, then the half, then one less; the same change everywhere where one alone won't do. */
  private boolean simplify(int at, int operand) {
    boolean simpler = false;
    for (long value = steps.get(at).value(operand); value > 0; ) {
      long old = value;
      for (long candidate : new long[] {0, value / 2, value - 1}) {
        if (candidate < old
            && (accept(with(at, operand, candidate))
                || accept(everywhere(at, operand, candidate)))) {
          value = candidate;
          simpler = true;
          break;
        }
      }
      if (value == old) {
        break;
      }
    }
    return simpler;
  }

  private List<Step> with(int at, int operand, long value) {
    List<Step> changed = new ArrayList<>(steps);
    changed.set(at, steps.get(at).with(operand, value));
    return changed;
  }

  /** Replaces what an operand names wherever it is named. */
  private List<Step> everywhere(int at, int operand, long value) {
    Operand kind = steps.get(at).verb().operands().get(operand);
    long old = steps.get(at).value(operand);
    List<Step> changed = new ArrayList<>(steps);
    for (int i = 0; i < changed.size(); i++) {
      List<Operand> operands = changed.get(i).verb().operands();
      for (int j = 0; j < operands.size(); j++) {
        if (operands.get(j) == kind && changed.get(i).value(j) == old) {
          changed.set(i, changed.get(i).with(j, value));
        }
      }
    }
    return changed;
  }

  private boolean accept(List<Step> candidate) {
    if (candidate.size() > steps.size() || isOver.getAsBoolean()) {
      return false;
    }
    tries++;
    if (!fails.test(candidate)) {
      return false;
    }
    steps = List.copyOf(candidate);
    return true;
  }
}
