package dev.kmemu.campaign.drive;

import java.util.Optional;

/** Gives out ranges of runs that nobody else has, the lowest first. For any thread. */
final class RunDispenser {

  private final RunSet taken;
  private final int most;
  private final long end;

  /**
   * Creates it.
   *
   * @param done runs that aren't given out
   * @param most the most runs at a time
   * @param end the first run that isn't given out, {@link Long#MAX_VALUE} for no end
   */
  RunDispenser(RunSet done, int most, long end) {
    this.taken = done;
    this.most = most;
    this.end = end;
  }

  /** Returns the next range, empty when there is none. */
  synchronized Optional<RunRange> next() {
    RunRange gap = taken.firstGap(most);
    if (gap.first() >= end) {
      return Optional.empty();
    }
    RunRange range = new RunRange(gap.first(), (int) Math.min(gap.count(), end - gap.first()));
    taken.add(range);
    return Optional.of(range);
  }
}
