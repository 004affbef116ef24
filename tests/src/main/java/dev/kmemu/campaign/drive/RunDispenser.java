package dev.kmemu.campaign.drive;

import java.util.Optional;
import java.util.function.Consumer;

/** Gives out the runs of a campaign that one process does, the lowest first. For any thread. */
final class RunDispenser implements RunSource {

  private final Consumer<RangeResult> results;
  private final RunSet taken;
  private final int most;
  private final long end;

  /**
   * Creates it.
   *
   * @param done runs that aren't given out
   * @param most the most runs at a time
   * @param end the first run that isn't given out, {@link Long#MAX_VALUE} for no end
   * @param results takes what comes of each range
   */
  RunDispenser(RunSet done, int most, long end, Consumer<RangeResult> results) {
    this.taken = done;
    this.results = results;
    this.most = most;
    this.end = end;
  }

  @Override
  public void stop() {
    // Nobody waits here.
  }

  @Override
  public void finish(RangeResult result) {
    results.accept(result);
  }

  @Override
  public synchronized Optional<RunRange> next() {
    RunRange gap = taken.firstGap(most);
    if (gap.first() >= end) {
      return Optional.empty();
    }
    RunRange range = new RunRange(gap.first(), (int) Math.min(gap.count(), end - gap.first()));
    taken.add(range);
    return Optional.of(range);
  }
}
