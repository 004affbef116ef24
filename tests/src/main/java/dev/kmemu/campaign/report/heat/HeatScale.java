package dev.kmemu.campaign.report.heat;

/** A logarithmic scale of colours: 0 for what was never seen, then a step for each power of ten. */
public final class HeatScale {

  /** The hottest step: a million and more would be 7. */
  public static final int STEPS = 6;

  private HeatScale() {}

  /** Returns the step of a count, 0 to {@link #STEPS}. */
  public static int step(long count) {
    int step = 0;
    for (long rest = count; rest > 0 && step < STEPS; rest /= 10) {
      step++;
    }
    return step;
  }

  /** Returns the lowest count of a step. */
  public static long least(int step) {
    return step == 0 ? 0 : (long) Math.pow(10, step - 1);
  }
}
