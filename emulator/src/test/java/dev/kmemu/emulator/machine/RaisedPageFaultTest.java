package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.UNMAPPED;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RaisedPageFaultTest {

  private static final int PAGE_FAULT = 14;
  private static final int WRITE = 2;

  @Test
  void theHostKernelMayServeIt() {
    try (GuestProgram guest = new GuestProgram("90 f4")) {
      long[] told = new long[3];
      guest.machine.setHostKernel(
          frame -> {
            told[0] = frame.faultAddress();
            told[1] = frame.errorCode();
            told[2] = frame.rip();
            return TrapVerdict.Resume.INSTANCE;
          });
      assertThat(guest.machine.raisePageFault(va(UNMAPPED), WRITE))
          .isEqualTo(new PageFaultResult.Served(va(CODE)));
      assertThat(told).containsExactly(UNMAPPED, WRITE, CODE);
      guest.machine.debugTarget().attach(guest);
      guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    }
  }

  @Test
  void anAddressThatIsNotCanonicalRaisesNone() {
    try (GuestProgram guest = new GuestProgram("90 f4")) {
      assertThatThrownBy(() -> guest.machine.raisePageFault(va(0x8000_0000_0000L), 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0x0000800000000000")
          .hasMessageContaining("#GP");
      assertThat(guest.get(Register.CR2)).isZero();
    }
  }

  @Test
  void theGuestsOwnHandlerIsNext() {
    try (InterruptedGuest interrupted = new InterruptedGuest("90 f4")) {
      GuestProgram guest = interrupted.guest;
      interrupted.handler(PAGE_FAULT, "0f20d0 5b 48cf"); // mov rax, cr2; pop rbx; iretq
      guest.machine.debugTarget().attach(guest);
      PageFaultResult result = guest.machine.raisePageFault(va(UNMAPPED), WRITE);
      assertThat(result).isInstanceOf(PageFaultResult.Delivered.class);
      assertThat(va(guest.get(Register.RIP)))
          .isEqualTo(((PageFaultResult.Delivered) result).handler());
      guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
      guest.nextStop();
      assertThat(guest.get(Register.RAX)).isEqualTo(UNMAPPED);
      assertThat(guest.get(Register.RBX)).as("error code").isEqualTo(WRITE);
      assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 2);
    }
  }

  @Test
  void oneThatNobodyAnswersLeavesTheGuestWhereItIs() {
    try (GuestProgram guest = new GuestProgram("90 f4")) {
      assertThat(guest.machine.raisePageFault(va(UNMAPPED), 0))
          .isInstanceOfSatisfying(
              PageFaultResult.Unanswered.class,
              unanswered -> {
                assertThat(unanswered.report().vector()).isEqualTo(PAGE_FAULT);
                assertThat(unanswered.report().faultAddress()).isEqualTo(va(UNMAPPED));
              });
      guest.machine.debugTarget().attach(guest);
      assertThat(guest.get(Register.CR2)).isZero();
      guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    }
  }

  @Test
  void badBitsAndARunningCpuAreRefused() {
    try (GuestProgram guest = new GuestProgram("ebfe")) {
      assertThatThrownBy(() -> guest.machine.raisePageFault(va(0), 0x123))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("0x120");
      guest.machine.resume();
      assertThatThrownBy(() -> guest.machine.raisePageFault(va(0), 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aResetGoesBackToTheBeginning() {
    try (GuestProgram guest = new GuestProgram("48ffc0 f4")) {
      assertThatThrownBy(guest.machine::reset)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("snapshot");
      guest.machine.debugTarget().attach(guest);
      try (MachineSnapshot beginning = guest.machine.snapshot()) {
        guest.machine.setBeginning(beginning);
        guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
        guest.nextStop();
        guest.machine.reset();
        assertThat(guest.get(Register.RIP)).isEqualTo(CODE);
      }
    }
  }
}
