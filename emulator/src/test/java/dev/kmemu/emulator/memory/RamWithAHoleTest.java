package dev.kmemu.emulator.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RamWithAHoleTest {

  private static final long PAGE = VirtualAddress.PAGE_SIZE;
  private static final RamLayout LAYOUT = new RamLayout(4 * PAGE, 8 * PAGE);

  private final PhysicalMemory ram =
      new PhysicalMemory(new DirectMapping(LAYOUT.end(6 * PAGE)), LAYOUT);

  @Test
  void whatDoesNotFitBelowTheHoleGoesOnAboveIt() {
    assertThat(ram.size()).isEqualTo(6 * PAGE);
    assertThat(ram.end()).isEqualTo(10 * PAGE);
    assertThat(ram.extent()).isEqualTo("[0x0, 0x4000) and [0x8000, 0xa000)");
    ram.store64(new PhysicalAddress(10 * PAGE - 8), 7);
    assertThat(ram.load64(10 * PAGE - 8)).isEqualTo(7);
  }

  @Test
  void nothingInTheHoleIsRam() {
    for (long[] range :
        new long[][] {{4 * PAGE, 1}, {8 * PAGE - 1, 1}, {4 * PAGE - 4, 8}, {8 * PAGE - 4, 8}}) {
      assertThat(ram.contains(range[0], range[1])).as("0x%x", range[0]).isFalse();
    }
    assertThat(ram.contains(0, 10 * PAGE)).as("across the hole").isFalse();
    assertThat(ram.contains(4 * PAGE - 1, 1)).isTrue();
    assertThat(ram.contains(8 * PAGE, 2 * PAGE)).isTrue();
    assertThat(ram.contains(8 * PAGE, 2 * PAGE + 1)).isFalse();
    assertThatThrownBy(() -> ram.load32(new PhysicalAddress(4 * PAGE - 2)))
        .isInstanceOf(PhysicalAccessException.class)
        .hasMessageEndingWith("outside guest RAM [0x0, 0x4000) and [0x8000, 0xa000)");
  }

  @Test
  void devicesFitIntoTheHoleAndBehindRamOnly() {
    assertThat(ram.overlaps(4 * PAGE, 4 * PAGE)).isFalse();
    assertThat(ram.overlaps(4 * PAGE - 1, 1)).isTrue();
    assertThat(ram.overlaps(8 * PAGE - 1, 2)).isTrue();
    assertThat(ram.overlaps(10 * PAGE, 1)).isFalse();
  }

  @Test
  void aSmallMachineHasNoHole() {
    PhysicalMemory small = new PhysicalMemory(new DirectMapping(LAYOUT.end(4 * PAGE)), LAYOUT);
    assertThat(small.size()).isEqualTo(small.end()).isEqualTo(4 * PAGE);
    assertThat(small.extent()).isEqualTo("[0x0, 0x4000)");
    assertThat(LAYOUT.end(4 * PAGE + PAGE)).isEqualTo(9 * PAGE);
    assertThat(RamLayout.ONE_PIECE.end(64L << 30)).isEqualTo(64L << 30);
  }
}
