package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.UNMAPPED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
@DisplayName("A debugger's interrupt gets through whatever the guest does")
class InterruptingTest {

  private static final StopReason INTERRUPTED = new StopReason.Interrupted();
  private static final int TIMES = 50;

  private static void interrupt(GuestProgram guest) {
    for (int i = 0; i < TIMES; i++) {
      guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
      guest.machine.debugTarget().interrupt();
      assertThat(guest.nextStop()).isEqualTo(INTERRUPTED);
    }
  }

  @Test
  void stringInstructionsOfMegabytes() {
    // next: mov rcx, rdx; mov rdi, rbx; rep stosb; jmp next
    try (GuestProgram guest = new GuestProgram("4889d1 4889df f3aa ebf6")) {
      guest.machine.debugTarget().attach(guest);
      guest.set(Register.RDX, UNMAPPED - DATA);
      guest.set(Register.RBX, DATA);
      interrupt(guest);
    }
  }

  @Test
  void pageFaultsWithoutEnd() {
    try (GuestProgram guest = new GuestProgram("488907 ebfb")) { // next: mov [rdi], rax; jmp next
      guest.machine.setHostKernel(frame -> TrapVerdict.Resume.INSTANCE);
      guest.machine.debugTarget().attach(guest);
      guest.set(Register.RDI, UNMAPPED);
      interrupt(guest);
    }
  }

  @Test
  void portsWithoutEnd() {
    try (GuestProgram guest = new GuestProgram("e680 e480 ebfa")) {
      guest.machine.debugTarget().attach(guest);
      interrupt(guest);
    }
  }

  @Test
  void haltsWithoutEnd() {
    try (InterruptedGuest interrupted = new InterruptedGuest("fb f4 ebfd")) {
      interrupted.guest.machine.debugTarget().attach(interrupted.guest);
      interrupt(interrupted.guest);
    }
  }

  @Test
  void exceptionsWithoutEnd() {
    try (InterruptedGuest interrupted = new InterruptedGuest("0f0b")) { // ud2
      interrupted.handler(6, "48cf");
      interrupted.guest.machine.debugTarget().attach(interrupted.guest);
      interrupt(interrupted.guest);
    }
  }
}
