package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The PM1a events and the power management timer (ACPI 6.5, 4.8.3). */
class AcpiEventsTest {

  private final HandClock time = new HandClock();
  private final PortSpace ports = new PortSpace();
  private boolean line;
  private final AcpiEvents events = new AcpiEvents(time.clock, high -> line = high);

  AcpiEventsTest() {
    events.attachTo(ports);
  }

  @Test
  void theTimerCounts3579545TimesASecond() {
    assertThat(ports.read(0x608, 4)).isZero();
    time.advance(1_000_000_000L);
    assertThat(ports.read(0x608, 4)).isEqualTo(3_579_545);
    assertThat(ports.read(0x609, 1) & 0xFF).isEqualTo(3_579_545 >> 8 & 0xFF);
    time.advance(3_600_000_000_000L);
    assertThat(ports.read(0x608, 4)).as("32 bits").isEqualTo((int) (3601L * 3_579_545));
    ports.write(0x608, 4, 0);
    assertThat(ports.read(0x608, 4)).as("read-only").isNotZero();
  }

  @Test
  void enableBitsAreKeptAndNoStatusIsSetByItself() {
    ports.write(0x600, 4, -1);
    assertThat(ports.read(0x600, 2) & 0xFFFF).isZero();
    assertThat(ports.read(0x602, 2) & 0xFFFF).isEqualTo(0xFFFF);
    ports.write(0x602, 2, 0x0120);
    assertThat(ports.read(0x600, 4)).isEqualTo(0x0120_0000);
    ports.write(0x603, 1, 4);
    assertThat(ports.read(0x602, 2) & 0xFFFF).isEqualTo(0x0420);
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    ports.write(0x602, 2, 0x0120);
    var state = events.capture();
    ports.write(0x602, 2, 0);
    state.restore();
    assertThat(ports.read(0x602, 2)).isEqualTo(0x0120);
  }

  @Test
  void thePowerButtonInterruptsOnceItIsEnabledAndUntilItsStatusIsCleared() {
    events.pressPowerButton();
    assertThat(ports.read(0x600, 2) & 0xFFFF).isEqualTo(0x0100);
    assertThat(line).as("not enabled").isFalse();
    ports.write(0x602, 2, 0x0100);
    assertThat(line).isTrue();
    ports.write(0x600, 2, 0x0001);
    assertThat(line).as("another's status").isTrue();
    ports.write(0x601, 1, 0x01);
    assertThat(line).isFalse();
    assertThat(ports.read(0x600, 4)).isEqualTo(0x0100_0000);
    events.pressPowerButton();
    assertThat(line).isTrue();
    ports.write(0x602, 2, 0);
    assertThat(line).isFalse();
  }
}
