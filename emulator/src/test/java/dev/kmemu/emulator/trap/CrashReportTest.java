package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CrashReportTest {

  private static CrashReport report(int vector, int errorCode) {
    return new CrashReport(
        vector,
        errorCode,
        new VirtualAddress(0x1000),
        new VirtualAddress(0x2000),
        0,
        "no handler",
        "",
        List.of());
  }

  @Test
  void anErrorCodeIsShownWhereThereIsOne() {
    assertThat(report(13, 0x48).summary())
        .isEqualTo(
            "#GP general protection (error code 0x48) at RIP 0x0000000000002000: no handler");
    assertThat(report(6, 0).summary())
        .isEqualTo("#UD invalid opcode at RIP 0x0000000000002000: no handler");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0x00 | supervisor read, not present",
        "0x01 | supervisor read, protection",
        "0x02 | supervisor write, not present",
        "0x07 | user write, protection",
        "0x09 | supervisor read, reserved bit",
        "0x10 | supervisor fetch, not present",
        "0x15 | user fetch, protection",
      })
  void aPageFaultsErrorCodeIsSpelledOut(String code, String text) {
    assertThat(CrashReport.describePageFault(Integer.decode(code))).isEqualTo(text);
  }

  @Test
  void everyVectorHasAName() {
    assertThat(ExceptionName.of(0)).isEqualTo("#DE divide error");
    assertThat(ExceptionName.of(14)).isEqualTo("#PF page fault");
    assertThat(ExceptionName.of(21)).isEqualTo("#CP control protection");
    assertThat(ExceptionName.of(22)).isEqualTo("interrupt 22");
    assertThat(ExceptionName.of(255)).isEqualTo("interrupt 255");
  }
}
