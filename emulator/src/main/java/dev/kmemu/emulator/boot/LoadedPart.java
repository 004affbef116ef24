package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * Something that a loader put into RAM.
 *
 * @param what what it is, for people
 * @param start its first byte
 * @param bytes its size in memory, above 0
 */
public record LoadedPart(String what, PhysicalAddress start, long bytes) {

  /** Returns the address behind it. */
  public PhysicalAddress end() {
    return start.plus(bytes);
  }
}
