package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestDeviceTest {

  private final List<String> driven = new ArrayList<>();
  private final TestDevice device = new TestDevice(line -> high -> driven.add(line + " " + high));
  private final PortSpace ports = new PortSpace();

  @BeforeEach
  void attach() {
    device.attachTo(ports);
  }

  @Test
  void theLatchGivesBackWhatWasWrittenInAnySize() {
    ports.write(0xE0, 4, 0x1234_5678);
    assertThat(ports.read(0xE0, 4)).isEqualTo(0x1234_5678);
    assertThat(ports.read(0xE0, 1)).isEqualTo(0x78);
    ports.write(0xE2, 2, 0xABCD);
    assertThat(ports.read(0xE0, 4)).isEqualTo(0xABCD_5678);
  }

  @Test
  void anAccessAcrossTheEndOfTheLatchReachesItsPart() {
    ports.write(0xE3, 2, 0x1122);
    assertThat(ports.read(0xE3, 2)).isEqualTo(0x22);
  }

  @Test
  void theMemoryHoldsBytes() {
    MmioDevice memory = device.memory();
    memory.write(0xFFFC, 4, 0xFFFF_FFFF_8765_4321L);
    assertThat(memory.read(0xFFFC, 4)).isEqualTo(0x8765_4321L);
    assertThat(memory.read(0xFFFE, 1)).isEqualTo(0x65);
    assertThat(ports.read(0xE0, 4)).as("the latch").isZero();
  }

  @Test
  void aPortDrivesItsLine() {
    ports.write(0x2007, 1, 1);
    ports.write(0x2007, 1, 0);
    assertThat(driven).containsExactly("7 true", "7 false");
  }

  @Test
  void aSnapshotHoldsLatchAndMemory() {
    ports.write(0xE0, 4, 42);
    device.memory().write(8, 4, 43);
    var captured = device.capture();
    ports.write(0xE0, 4, 0);
    device.memory().write(8, 4, 0);
    captured.restore();
    assertThat(ports.read(0xE0, 4)).isEqualTo(42);
    assertThat(device.memory().read(8, 4)).isEqualTo(43);
  }
}
