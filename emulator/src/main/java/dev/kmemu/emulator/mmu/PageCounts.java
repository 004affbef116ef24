package dev.kmemu.emulator.mmu;

/**
 * Numbers of pages by size.
 *
 * @param small of 4 KiB
 * @param large of 2 MiB, or 4 MiB in 32-bit paging
 * @param huge of 1 GiB
 */
public record PageCounts(long small, long large, long huge) {

  static final PageCounts NONE = new PageCounts(0, 0, 0);

  private static final long LARGE = 1L << 21;
  private static final long HUGE = 1L << 30;

  /** Returns the counts with one page of {@code bytes} more. */
  PageCounts plus(long bytes) {
    if (bytes >= HUGE) {
      return new PageCounts(small, large, huge + 1);
    }
    return bytes >= LARGE
        ? new PageCounts(small, large + 1, huge)
        : new PageCounts(small + 1, large, huge);
  }

  /** Returns the sum. */
  public PageCounts plus(PageCounts other) {
    return new PageCounts(small + other.small, large + other.large, huge + other.huge);
  }
}
