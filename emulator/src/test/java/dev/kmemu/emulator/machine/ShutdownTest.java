package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.trap.CrashReport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("A triple fault ends the machine (SDM vol. 3A, 6.15, interrupt 8)")
class ShutdownTest {

  @Test
  void theReportTellsEachAttempt() {
    try (GuestProgram guest = new GuestProgram("90 0f0b")) { // nop; ud2
      guest.machine.onCpu(
          cpu -> {
            cpu.registers().write(Register.IDTR_LIMIT, 0);
            return cpu;
          });
      guest.machine.resume();
      GuestOutcome outcome = guest.machine.outcome().join();
      assertThat(outcome).isInstanceOf(GuestOutcome.Crashed.class);
      CrashReport report = ((GuestOutcome.Crashed) outcome).report();
      assertThat(report.vector()).isEqualTo(6);
      assertThat(report.rip().value()).isEqualTo(GuestProgram.CODE + 1);
      assertThat(report.attempts())
          .containsExactly(
              "#UD invalid opcode: the guest's IDT has no vector 6 (limit 0x0)",
              "#GP general protection (error code 0x33): the guest's IDT has no vector 13 (limit"
                  + " 0x0)",
              "#DF double fault: the guest's IDT has no vector 8 (limit 0x0)");
    }
  }
}
