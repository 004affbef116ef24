package dev.kmemu.emulator.memory;

/**
 * Where RAM is: in one piece from address 0, or with a hole.
 *
 * @param holeStart where the hole begins; what doesn't fit below it goes on at {@code holeEnd}
 * @param holeEnd where the hole ends; {@code holeStart} when there is none
 */
public record RamLayout(long holeStart, long holeEnd) {

  /** One piece from address 0, however large. */
  public static final RamLayout ONE_PIECE = new RamLayout(Long.MAX_VALUE, Long.MAX_VALUE);

  /** The hole of a PC for its devices: the last GiB below 4 GiB. */
  public static final RamLayout PC = new RamLayout(0xC000_0000L, 0x1_0000_0000L);

  /** Checks the order. */
  public RamLayout {
    if (holeStart <= 0 || holeEnd < holeStart) {
      throw new IllegalArgumentException(
          String.format("a hole in RAM at [0x%x, 0x%x)", holeStart, holeEnd));
    }
  }

  /** Returns the first address behind {@code ramBytes} of RAM. */
  public long end(long ramBytes) {
    return ramBytes <= holeStart ? ramBytes : ramBytes + (holeEnd - holeStart);
  }

  /** Returns how much of {@code ramBytes} is below the hole. */
  public long lowBytes(long ramBytes) {
    return Math.min(ramBytes, holeStart);
  }
}
