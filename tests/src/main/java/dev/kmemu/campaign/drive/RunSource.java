package dev.kmemu.campaign.drive;

import java.util.Optional;

/** Where the workers of a campaign get their runs, and where what came of them goes. */
public interface RunSource {

  /**
   * Returns runs that nobody else has, empty when there are none left to do. May wait for runs that
   * others have, as those may be given up. From any thread.
   */
  Optional<RunRange> next();

  /** Ends all waiting in {@link #next}, which has no more runs from then on. From any thread. */
  void stop();

  /** Hands in what came of a range, once for each. From any thread. */
  void finish(RangeResult result);
}
