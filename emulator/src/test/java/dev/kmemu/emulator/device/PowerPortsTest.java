package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The ports by which a guest ends itself, and those that only look like them. */
class PowerPortsTest {

  private final PowerSwitch power = new PowerSwitch();
  private final PortSpace ports = new PortSpace();
  private int keyboardInterrupts;

  PowerPortsTest() {
    new PowerControl(power).attachTo(ports);
    new ResetControl(power).attachTo(ports);
    new KeyboardController(power, high -> keyboardInterrupts += high ? 1 : 0, null).attachTo(ports);
  }

  private void assertRunsOn(int port, int size, int value) {
    assertThat(ports.write(port, size, value)).as("port 0x%x <- 0x%x", port, value).isTrue();
    assertThat(power.take()).isNull();
  }

  private void assertEnds(int port, int size, int value, PowerSwitch.Request how) {
    assertThat(ports.write(port, size, value)).as("port 0x%x <- 0x%x", port, value).isFalse();
    assertThat(power.take()).isEqualTo(how);
    assertThat(power.take()).as("told once").isNull();
  }

  @Test
  void s5WithSleepEnableSwitchesOff() {
    assertRunsOn(0x604, 2, 0x0001);
    assertRunsOn(0x604, 2, 0x2400);
    assertEnds(0x604, 2, 0x2000, PowerSwitch.Request.POWER_OFF);
    assertEnds(0xB004, 4, 0x2001, PowerSwitch.Request.POWER_OFF);
  }

  @Test
  void sleepEnableMayComeAloneInTheHighByte() {
    assertRunsOn(0x604, 1, 0xFF);
    assertEnds(0x605, 1, 0x20, PowerSwitch.Request.POWER_OFF);
  }

  @Test
  void sleepEnableReadsAs0AndSciEnableAs1() {
    ports.write(0x604, 2, 0x2000 | 5 << 10);
    assertThat(ports.read(0x604, 2)).isEqualTo(5 << 10 | 1);
  }

  @Test
  void resetControlResetsOnTheEdgeOfItsCpuBit() {
    assertRunsOn(0xCF9, 1, 0x02);
    assertThat(ports.read(0xCF9, 1)).isEqualTo(0x02);
    assertEnds(0xCF9, 1, 0x06, PowerSwitch.Request.RESET);
    assertRunsOn(0xCF9, 1, 0x06);
  }

  @Test
  void portAResetsOnTheEdgeOfBit0AndKeepsA20() {
    assertThat(ports.read(0x92, 1)).isEqualTo(0x02);
    assertRunsOn(0x92, 1, 0x00);
    assertRunsOn(0x92, 1, 0x02);
    assertEnds(0x92, 1, 0x03, PowerSwitch.Request.RESET);
  }

  @Test
  void theKeyboardControllerPulsesReset() {
    assertRunsOn(0x64, 1, 0xFF);
    assertRunsOn(0x64, 1, 0xF1);
    assertEnds(0x64, 1, 0xFE, PowerSwitch.Request.RESET);
    assertEnds(0x64, 1, 0xF0, PowerSwitch.Request.RESET);
  }

  @Test
  void itsOutputPortResetsToo() {
    assertRunsOn(0x64, 1, 0xD1);
    assertRunsOn(0x60, 1, 0xDF);
    assertRunsOn(0x64, 1, 0xD1);
    assertEnds(0x60, 1, 0xDE, PowerSwitch.Request.RESET);
  }

  @Test
  void itIsNeverBusyAndAnswersItsOwnCommandsAtOnce() {
    assertThat(ports.read(0x64, 1) & 0x03).isZero();
    assertRunsOn(0x64, 1, 0xAA);
    assertThat(ports.read(0x64, 1) & 0x0B).isEqualTo(0x09);
    assertThat(ports.read(0x60, 1)).isEqualTo(0x55);
    assertThat(ports.read(0x64, 1) & 0x01).isZero();
    assertThat(ports.read(0x60, 1)).as("the last one stays").isEqualTo(0x55);
  }

  @Test
  void itsModeIsReadBack() {
    assertRunsOn(0x64, 1, 0x60);
    assertRunsOn(0x60, 1, 0x47);
    assertRunsOn(0x64, 1, 0xAD);
    assertRunsOn(0x64, 1, 0x20);
    assertThat(ports.read(0x60, 1)).isEqualTo(0x57);
  }

  @Test
  void aByteForTheKeyboardTimesOutAndInterruptsWhereThatIsEnabled() {
    assertRunsOn(0x60, 1, 0xF2);
    assertThat(ports.read(0x64, 1) & 0x49).isEqualTo(0x41);
    assertThat(ports.read(0x60, 1)).isEqualTo(0xFE);
    assertThat(keyboardInterrupts).isZero();
    assertRunsOn(0x64, 1, 0x60);
    assertRunsOn(0x60, 1, 0x01);
    assertRunsOn(0x60, 1, 0xF2);
    assertThat(keyboardInterrupts).isOne();
  }
}
