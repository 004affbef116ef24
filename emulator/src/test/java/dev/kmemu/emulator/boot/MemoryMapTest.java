package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.boot.MemoryMap.Range;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamLayout;
import org.junit.jupiter.api.Test;

class MemoryMapTest {

  private static final long MIB = 1 << 20;
  private static final RamLayout LAYOUT = new RamLayout(4 * MIB, 8 * MIB);

  private static PhysicalMemory ram(long bytes) {
    return new PhysicalMemory(new DirectMapping(LAYOUT.end(bytes)), LAYOUT);
  }

  @Test
  void theFirmwaresMemoryIsReservedAndTheRestIsFree() {
    assertThat(MemoryMap.of(ram(2 * MIB)))
        .containsExactly(
            new Range(0, 0x9FC00, MemoryMap.USABLE),
            new Range(0x9FC00, 0x400, MemoryMap.RESERVED),
            new Range(0xE0000, 0x20000, MemoryMap.RESERVED),
            new Range(MIB, MIB, MemoryMap.USABLE));
  }

  @Test
  void whatIsBehindTheHoleIsARangeOfItsOwn() {
    assertThat(MemoryMap.of(ram(6 * MIB)))
        .endsWith(
            new Range(MIB, 3 * MIB, MemoryMap.USABLE),
            new Range(8 * MIB, 2 * MIB, MemoryMap.USABLE));
  }

  @Test
  void nothingIsPlacedInTheHole() {
    LoadMap map = new LoadMap("image", ram(6 * MIB));
    assertThat(map.placeHigh("initrd", new byte[4096], MIB, 1L << 32, 4096).value())
        .isEqualTo(4 * MIB - 4096);
  }
}
