package dev.kmemu.gdb.wire;

/**
 * How much the stub takes in at once.
 *
 * @param packetBytes the longest packet as sent, escapes included, frame and checksum not; what
 *     {@code qSupported} announces as {@code PacketSize}
 */
public record FrameLimits(int packetBytes) {

  /** A whole g packet and then some; what a debugger splits smaller transfers by. */
  public static final int LEAST_PACKET_BYTES = 0x1000;

  /** The most that is buffered for one client. */
  public static final int MOST_PACKET_BYTES = 0x100_0000;

  /** 128 KiB: a memory read of 64 KiB in one packet. */
  public static final FrameLimits DEFAULT = new FrameLimits(0x2_0000);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException when one is out of its range
   */
  public FrameLimits {
    if (packetBytes < LEAST_PACKET_BYTES || packetBytes > MOST_PACKET_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              "packetBytes is 0x%x; choose 0x%x to 0x%x",
              packetBytes, LEAST_PACKET_BYTES, MOST_PACKET_BYTES));
    }
  }
}
