package dev.kmemu.campaign.drive;

/**
 * How long a campaign goes on, and with how many threads.
 *
 * @param runs the run that isn't done any more, {@link Long#MAX_VALUE} for no limit
 * @param nanos time from the start, {@link Long#MAX_VALUE} for no limit
 * @param jobs threads, each with a machine of its own
 */
public record CampaignLimits(long runs, long nanos, int jobs) {

  /** The most threads. */
  public static final int MOST_JOBS = 256;

  /** Checks the limits. */
  public CampaignLimits {
    if (runs < 1 || nanos < 1) {
      throw new IllegalArgumentException(
          "a campaign has a run, and time for it (ask for 1 or more)");
    }
    if (jobs < 1 || jobs > MOST_JOBS) {
      throw new IllegalArgumentException(
          "there are 1 to "
              + MOST_JOBS
              + " jobs, not "
              + jobs
              + " (one for each processor is best)");
    }
  }
}
