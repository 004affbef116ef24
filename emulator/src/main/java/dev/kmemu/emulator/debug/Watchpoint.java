package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Linear addresses whose use stops the CPU (Intel SDM vol. 3B, 17.2.5).
 *
 * @param kind which use
 * @param address the first byte, a multiple of {@code length}
 * @param length 1, 2, 4 or 8
 */
public record Watchpoint(Kind kind, VirtualAddress address, int length) {

  /** The longest length. */
  public static final int LONGEST = Long.BYTES;

  /** Which use of memory counts. */
  public enum Kind {
    /** Writes. */
    WRITE,
    /** Reads; instruction fetches aren't reads. */
    READ,
    /** Both. */
    ACCESS
  }

  /**
   * Checks length and alignment.
   *
   * @throws IllegalArgumentException when they are others than a debug register can watch
   */
  public Watchpoint {
    if (Integer.bitCount(length) != 1 || length > LONGEST) {
      throw new IllegalArgumentException(
          "a watchpoint is 1, 2, 4 or 8 bytes long, not " + length + "; use several");
    }
    if ((address.value() & (length - 1)) != 0) {
      throw new IllegalArgumentException(
          "a watchpoint of " + length + " bytes starts at a multiple of that, not at " + address);
    }
  }
}
