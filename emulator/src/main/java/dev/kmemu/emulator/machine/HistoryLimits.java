package dev.kmemu.emulator.machine;

/**
 * What a debugged machine may remember of how it came where it is.
 *
 * @param checkpoints how many moments, at least 2
 * @param bytes how much RAM of the guest's they may hold together; the last one stays in any case
 * @param interval how many instructions lie between two, at least 1000
 */
public record HistoryLimits(int checkpoints, long bytes, long interval) {

  private static final int FEWEST = 2;
  private static final long SHORTEST = 1000;

  /** 32 moments, 1 GiB, 16 million instructions. */
  public static final HistoryLimits STANDARD = new HistoryLimits(32, 1L << 30, 16_000_000);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException when one is too low
   */
  public HistoryLimits {
    require("checkpoints", checkpoints, FEWEST);
    require("bytes", bytes, 0);
    require("interval", interval, SHORTEST);
  }

  private static void require(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "a history's " + name + " can't be " + value + ", but " + least + " or more");
    }
  }
}
