package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.ArrayList;
import java.util.List;

/** The ranges of physical memory as a PC's firmware describes them (ACPI, 15.4: e820). */
final class MemoryMap {

  /** Type 1: memory that anybody may use. */
  static final int USABLE = 1;

  /** Type 2: not for use. */
  static final int RESERVED = 2;

  /** Where the firmware's own memory begins, with its tables. */
  private static final long FIRMWARE = 0xE_0000;

  /** Where the extended BIOS data area would begin. */
  static final long BASE_END = 0x9_FC00;

  /**
   * A range.
   *
   * @param type {@link #USABLE} or {@link #RESERVED}
   */
  record Range(long start, long bytes, int type) {}

  private MemoryMap() {}

  /** Returns the ranges of a machine with {@code ram}, by ascending address. */
  static List<Range> of(PhysicalMemory ram) {
    List<Range> ranges = new ArrayList<>();
    ranges.add(new Range(0, BASE_END, USABLE));
    ranges.add(new Range(BASE_END, 0xA_0000 - BASE_END, RESERVED));
    ranges.add(new Range(FIRMWARE, LoadMap.HIGH_START - FIRMWARE, RESERVED));
    ranges.add(new Range(LoadMap.HIGH_START, ram.holeStart() - LoadMap.HIGH_START, USABLE));
    if (ram.holeEnd() < ram.end()) {
      ranges.add(new Range(ram.holeEnd(), ram.end() - ram.holeEnd(), USABLE));
    }
    return ranges;
  }
}
