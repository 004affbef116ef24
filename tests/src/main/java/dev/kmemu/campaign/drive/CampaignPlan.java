package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Suite;

/**
 * What decides about every run of a campaign: the same plan has the same runs.
 *
 * @param suite the suite
 * @param pmap the pmap under test
 * @param seed what all runs are drawn from
 * @param steps operations of a run
 * @param ramBytes guest RAM, in bytes
 */
public record CampaignPlan(Suite suite, PmapChoice pmap, long seed, int steps, long ramBytes) {

  /** Steps of a run unless asked otherwise. */
  public static final int STEPS = 400;

  /** The most steps of a run. */
  public static final int MOST_STEPS = 100_000;

  private static final int STEPS_OF_RANGE = 4000;

  /** Checks the number of steps. */
  public CampaignPlan {
    if (steps < 1 || steps > MOST_STEPS) {
      throw new IllegalArgumentException(
          "a run has 1 to "
              + MOST_STEPS
              + " steps, not "
              + steps
              + " (choose fewer, or more runs)");
    }
  }

  /** Returns how many runs are given out at a time: some tenths of a second of work. */
  public int runsOfRange() {
    return Math.max(1, STEPS_OF_RANGE / steps);
  }
}
