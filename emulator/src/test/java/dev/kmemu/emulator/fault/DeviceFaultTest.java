package dev.kmemu.emulator.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceFaultTest {

  @Test
  void aFaultIsWrittenAsItsDeviceItsKindAndNumbers() {
    assertThat(DeviceFault.parse("uart-3f8:set-read,at=0x3fd,mask=2,skip=3,count=1"))
        .isEqualTo(new DeviceFault("uart-3f8", FaultKind.SET_READ, 0x3FD, 2, 3, 1));
    assertThat(DeviceFault.parse("irq4:lose-interrupt"))
        .isEqualTo(DeviceFault.always("irq4", FaultKind.LOSE_INTERRUPT));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "disk0 | isn't DEVICE:KIND",
        ":fail-read | isn't DEVICE:KIND",
        "disk0:burn | no kind of fault 'burn' (there are drop-read",
        "disk0:fail-read,skip | 'skip' has no number",
        "disk0:fail-read,skip=z | 'skip=z' has no number",
        "disk0:fail-read,in=3 | 'in=3' is unknown",
        "disk0:fail-read,count=0 | count=0 is refused: a fault needs an occasion (write 1 or more",
        "disk0:fail-read,skip=-1 | skip=-1 is refused: none can be skipped before (write 0 or more",
      })
  void whatIsNoneIsRefused(String text, String reason) {
    assertThatThrownBy(() -> DeviceFault.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }
}
