package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.UNMAPPED;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
@DisplayName("A debugger's step is one instruction")
class SteppingTest {

  private static final StopReason STEPPED = new StopReason.Stepped();
  private static final int STEPS = 40_000;

  private static void step(GuestProgram guest) {
    guest.machine.debugTarget().resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).isEqualTo(STEPPED);
  }

  @Test
  void inATightLoop() {
    try (GuestProgram guest = new GuestProgram("48ffc0 ebfb")) { // next: inc rax; jmp next
      guest.machine.debugTarget().attach(guest);
      guest.set(Register.RAX, 0);
      for (int i = 1; i <= STEPS; i++) {
        step(guest);
        assertThat(guest.get(Register.RIP)).isEqualTo(i % 2 == 0 ? CODE : CODE + 3);
      }
      assertThat(guest.get(Register.RAX)).isEqualTo(STEPS / 2);
    }
  }

  @Test
  void fromBreakpointToBreakpoint() {
    try (GuestProgram guest = new GuestProgram("48ffc0 ebfb")) {
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      guest.set(Register.RAX, 0);
      target.insertBreakpoint(va(CODE));
      target.insertBreakpoint(va(CODE + 3));
      for (int i = 1; i <= 2000; i++) {
        target.resume(i % 3 == 0 ? ResumeKind.STEP : ResumeKind.CONTINUE);
        long rip = i % 2 == 0 ? CODE : CODE + 3;
        assertThat(guest.nextStop())
            .isEqualTo(i % 3 == 0 ? STEPPED : new StopReason.Breakpoint(va(rip)));
        assertThat(guest.get(Register.RIP)).isEqualTo(rip);
      }
      assertThat(guest.get(Register.RAX)).isEqualTo(1000);
    }
  }

  @Test
  void whileAnInterruptWaits() {
    try (InterruptedGuest interrupted = new InterruptedGuest("fb 48ffc0 ebfb")) { // sti; ...
      GuestProgram guest = interrupted.guest;
      guest.machine.debugTarget().attach(guest);
      step(guest);
      interrupted.line.raise(InterruptedGuest.VECTOR);
      for (int i = 1; i <= 1000; i++) {
        step(guest);
        assertThat(guest.get(Register.RIP)).isEqualTo(i % 2 == 0 ? CODE + 1 : CODE + 4);
      }
      assertThat(interrupted.count(InterruptedGuest.VECTOR)).isZero();
    }
  }

  @Test
  void overAHaltThatWaitsForInterrupts() {
    try (InterruptedGuest interrupted = new InterruptedGuest("fb f4 48ffc0 ebfa")) {
      GuestProgram guest = interrupted.guest; // sti; next: hlt; inc rax; jmp next
      guest.machine.debugTarget().attach(guest);
      guest.set(Register.RAX, 0);
      step(guest);
      for (int i = 1; i <= 300; i++) {
        step(guest);
        long[] rip = {CODE + 1, CODE + 2, CODE + 5};
        assertThat(guest.get(Register.RIP)).isEqualTo(rip[i % 3]);
      }
      assertThat(guest.get(Register.RAX)).isEqualTo(100);
    }
  }

  @Test
  void fromAHaltThatSleeps() {
    try (InterruptedGuest interrupted = new InterruptedGuest("fb f4 48ffc0 ebfa")) {
      GuestProgram guest = interrupted.guest;
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      guest.set(Register.RAX, 0);
      target.insertBreakpoint(va(CODE + 1));
      target.resume(ResumeKind.CONTINUE);
      guest.nextStop();
      target.resume(ResumeKind.CONTINUE);
      target.interrupt();
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Interrupted());
      while (guest.get(Register.RIP) == CODE + 1) {
        step(guest);
      }
      step(guest);
      assertThat(guest.get(Register.RAX)).isEqualTo(1);
    }
  }

  @Test
  void overAPageFaultThatTheHostKernelServes() {
    try (GuestProgram guest = new GuestProgram("488907 48ffc0 f4")) { // mov [rdi], rax; inc rax
      guest.machine.setHostKernel(
          frame -> {
            guest.store(0x3010, UNMAPPED | 0x83);
            return TrapVerdict.Resume.INSTANCE;
          });
      guest.machine.debugTarget().attach(guest);
      guest.set(Register.RDI, UNMAPPED);
      guest.set(Register.RAX, 7);
      step(guest);
      assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 3);
      assertThat(guest.load(UNMAPPED)).isEqualTo(7);
      step(guest);
      assertThat(guest.get(Register.RAX)).isEqualTo(8);
    }
  }

  @Test
  void overPorts() {
    // next: out 0x80, al; in al, 0x80; jmp next
    try (GuestProgram guest = new GuestProgram("e680 e480 ebfa")) {
      guest.machine.debugTarget().attach(guest);
      for (int i = 1; i <= 300; i++) {
        step(guest);
        assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 2L * (i % 3));
      }
    }
  }
}
