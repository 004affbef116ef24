package dev.kmemu.emulator.boot;

import java.util.List;

/** The ranges of physical memory as a PC's firmware describes them (ACPI, 15.4: e820). */
final class MemoryMap {

  /** Type 1: memory that anybody may use. */
  static final int USABLE = 1;

  /** Type 2: not for use. */
  static final int RESERVED = 2;

  /** Where the extended BIOS data area would begin. */
  static final long BASE_END = 0x9_FC00;

  /**
   * A range.
   *
   * @param type {@link #USABLE} or {@link #RESERVED}
   */
  record Range(long start, long bytes, int type) {}

  private MemoryMap() {}

  /** Returns the ranges of a machine with {@code ramBytes}, by ascending address. */
  static List<Range> of(long ramBytes) {
    return List.of(
        new Range(0, BASE_END, USABLE),
        new Range(BASE_END, 0xA_0000 - BASE_END, RESERVED),
        new Range(0xF_0000, LoadMap.HIGH_START - 0xF_0000, RESERVED),
        new Range(LoadMap.HIGH_START, ramBytes - LoadMap.HIGH_START, USABLE));
  }
}
