package dev.kmemu.campaign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Random steps of one run, all drawn from its seed. A run has a character of its own: some verbs
 * come seldom or never, others often, and operands come from a few values most of the time, so that
 * operations meet.
 */
public final class StepSource {

  private static final int[] FACTORS = {0, 1, 4, 4, 12};
  private static final int ESSENTIAL = 4;
  private static final int MOST_HOT = 6;
  private static final int HOT_PERCENT = 80;
  private static final int NEAR_PERCENT = 50;
  private static final long NEAR = 4;

  private final SplittableRandom random;
  private final long seed;
  private final List<Verb> verbs;
  private final int[] weights;
  private final int total;
  private final Map<Operand, long[]> hot = new HashMap<>();

  /** Creates the source of a seed. */
  public StepSource(List<Verb> verbs, long seed) {
    this.random = new SplittableRandom(seed);
    this.seed = seed;
    this.verbs = verbs;
    weights = new int[verbs.size()];
    int sum = 0;
    for (int i = 0; i < weights.length; i++) {
      Verb verb = verbs.get(i);
      int factor = FACTORS[random.nextInt(FACTORS.length)];
      weights[i] = verb.weight() * (verb.isEssential() ? Math.max(factor, ESSENTIAL) : factor);
      sum += weights[i];
    }
    if (sum == 0) {
      Arrays.setAll(weights, i -> verbs.get(i).weight());
      sum = Arrays.stream(weights).sum();
    }
    total = sum;
  }

  /** Returns the seed of a run: neighbours have nothing in common. */
  public static long seedOf(long campaignSeed, long run) {
    return new SplittableRandom(campaignSeed * 0x9E3779B97F4A7C15L + run).nextLong();
  }

  /** Returns the generator itself, for what else a run decides. */
  public SplittableRandom random() {
    return random;
  }

  /** Returns one of {@code count} characters, which the whole run has. */
  public int character(int count) {
    return new SplittableRandom(~seed).nextInt(count);
  }

  /** Returns {@code count} steps. */
  public List<Step> steps(int count) {
    List<Step> steps = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      steps.add(next());
    }
    return steps;
  }

  /** Returns one step. */
  public Step next() {
    int at = random.nextInt(total);
    int verb = 0;
    while (at >= weights[verb]) {
      at -= weights[verb++];
    }
    return stepOf(verbs.get(verb));
  }

  private Step stepOf(Verb verb) {
    List<Operand> operands = verb.operands();
    long[] values = new long[operands.size()];
    for (int i = 0; i < values.length; i++) {
      Operand operand = operands.get(i);
      values[i] =
          i > 0 && operand == operands.get(i - 1) && percent(NEAR_PERCENT)
              ? Math.min(values[i - 1] + random.nextLong(NEAR), operand.count() - 1)
              : value(operand);
    }
    return Step.of(verb, values);
  }

  /** Returns a value of an operand: one of the run's own most of the time. */
  private long value(Operand operand) {
    if (!percent(HOT_PERCENT)) {
      return random.nextLong(operand.count());
    }
    long[] few = hot.computeIfAbsent(operand, this::choose);
    return few[random.nextInt(few.length)];
  }

  private long[] choose(Operand operand) {
    long[] few = new long[1 + random.nextInt(MOST_HOT)];
    for (int i = 0; i < few.length; i++) {
      few[i] = random.nextLong(operand.count());
    }
    return few;
  }

  /** Returns the step with one operand changed, or another step where it has none. */
  public Step change(Step step) {
    int operands = step.verb().operands().size();
    if (operands == 0) {
      return next();
    }
    int operand = random.nextInt(operands);
    return step.with(operand, value(step.verb().operands().get(operand)));
  }

  private boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }
}
