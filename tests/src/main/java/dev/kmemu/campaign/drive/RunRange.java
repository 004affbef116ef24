package dev.kmemu.campaign.drive;

/**
 * The runs [first, first + count) of a campaign.
 *
 * @param first the number of the first, from 0
 * @param count how many, at least 1
 */
public record RunRange(long first, int count) {

  /** Checks the bounds. */
  public RunRange {
    if (first < 0 || count < 1) {
      throw new IllegalArgumentException(
          "a range begins at 0 or later and has a run, not " + first + " and " + count);
    }
  }

  /** Returns the number behind the last one. */
  public long end() {
    return first + count;
  }

  /** Returns {@code first-last}. */
  @Override
  public String toString() {
    return first + "-" + (end() - 1);
  }
}
