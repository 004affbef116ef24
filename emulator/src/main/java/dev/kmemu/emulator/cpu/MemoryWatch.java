package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Linear addresses whose use ends a run.
 *
 * @param address the first byte, a multiple of {@code length}
 * @param length 1, 2, 4 or 8
 * @param reads whether reads count; instruction fetches aren't reads
 * @param writes whether writes count
 */
public record MemoryWatch(VirtualAddress address, int length, boolean reads, boolean writes) {

  /**
   * Checks length and alignment.
   *
   * @throws IllegalArgumentException when the bytes may lie in two pages
   */
  public MemoryWatch {
    if (Integer.bitCount(length) != 1
        || length > Long.BYTES
        || (address.value() & (length - 1)) != 0) {
      throw new IllegalArgumentException(
          length + " bytes at " + address + ": 1, 2, 4 or 8 bytes at a multiple of that");
    }
  }
}
