package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.NMI;
import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HLT as the end of a guest, and as a wait for interrupts. */
@Timeout(60)
class HaltedCpuTest {

  @Test
  void interruptsOffMakesAHaltTheEnd() {
    try (InterruptedGuest guest = new InterruptedGuest("fa f4")) {
      guest.line.raise(VECTOR);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isZero();
    }
  }

  @Test
  void withoutAControllerAHaltIsTheEnd() {
    try (GuestProgram guest = new GuestProgram("fb f4")) {
      guest.machine.resume();
      assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
    }
  }

  @Test
  void anInterruptWakesItBehindTheHalt() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4")) {
      guest.guest.machine.resume();
      guest.line.raise(VECTOR);
      assertThat(guest.guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(2);
    }
  }

  /** Lets the guest run until it waits behind its HLT: an NMI that came sooner would be over. */
  private static void sleeps(InterruptedGuest guest, long behindHalt) {
    do {
      guest.guest.machine.resume();
      guest.guest.machine.pause();
    } while (guest.guest.get(Register.RIP) != behindHalt);
    guest.guest.machine.resume();
  }

  @Test
  void anNmiWakesItToo() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4")) {
      sleeps(guest, GuestProgram.CODE + 2);
      guest.line.nmi();
      assertThat(guest.guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.interruptedAt(NMI)).isEqualTo(2);
    }
  }

  @Test
  void aDebuggerPausesItAndItGoesOnWaiting() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4")) {
      Machine machine = guest.guest.machine;
      machine.resume();
      for (int i = 0; i < 100; i++) {
        assertThat(machine.pause()).isEqualTo(new StopReason.Interrupted());
        machine.resume();
      }
      assertThat(machine.outcome()).isNotDone();
      guest.line.raise(VECTOR);
      assertThat(machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
    }
  }

  @Test
  void aDebuggerThatSendsItElsewhereWakesIt() {
    // sti; hlt; jmp $; mov al, 7; out 0xf4, al
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 ebfe b007 e6f4")) {
      Machine machine = guest.guest.machine;
      do {
        machine.resume();
        machine.pause();
      } while (guest.guest.get(Register.RIP) != GuestProgram.CODE + 2);
      guest.guest.set(Register.RIP, GuestProgram.CODE + 4);
      machine.resume();
      assertThat(machine.outcome().join()).isEqualTo(new GuestOutcome.Exited(7));
    }
  }

  @Test
  void oneThatHaltedForGoodStaysThere() {
    try (InterruptedGuest guest =
        new InterruptedGuest("fa f4 48ffc0 ebfb")) { // then inc rax for ever
      Machine machine = guest.guest.machine;
      machine.debugTarget().attach(guest.guest);
      for (int i = 0; i < 3; i++) {
        machine.resume();
        assertThat(guest.guest.nextStop()).isEqualTo(new StopReason.Halted());
        assertThat(guest.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 2);
      }
      machine.debugTarget().resume(ResumeKind.STEP);
      assertThat(guest.guest.nextStop()).as("a step goes on").isEqualTo(new StopReason.Stepped());
      assertThat(guest.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 5);
    }
  }

  @Test
  void oneWithAHistoryStaysThereAndIsSteppedAwayForwardsAndBackwards() {
    try (ReversedProgram program = new ReversedProgram("fa f4 48ffc0 48ffc0 f4 ebfe").attach()) {
      StopReason halted = new StopReason.Halted();
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      String first = program.hash();
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      assertThat(program.hash()).isEqualTo(first);
      assertThat(program.go(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 5);
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      assertThat(program.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 9);
      assertThat(program.back(ResumeKind.STEP)).isEqualTo(new StopReason.Stepped());
      assertThat(program.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 8);
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      assertThat(program.back(ResumeKind.CONTINUE)).isEqualTo(new StopReason.HistoryEnded());
      assertThat(program.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE);
      assertThat(program.go(ResumeKind.CONTINUE)).isEqualTo(halted);
      assertThat(program.hash()).isEqualTo(first);
    }
  }

  @Test
  void anNmiWakesOneThatHaltedForGood() {
    try (InterruptedGuest guest = new InterruptedGuest("fa f4 f4")) {
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      guest.guest.machine.debugTarget().attach(guest.guest);
      guest.line.nmi();
      guest.guest.machine.resume();
      assertThat(guest.guest.nextStop()).isEqualTo(new StopReason.Halted());
      assertThat(guest.interruptedAt(NMI)).isEqualTo(2);
      assertThat(guest.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 3);
    }
  }

  @Test
  void closingEndsItsWait() {
    InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4");
    guest.guest.machine.resume();
    guest.close();
    assertThat(guest.guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Killed());
  }

  @Test
  void interruptsWaitForTheEndOfADebuggersSteps() {
    // sti; nop; nop; nop; cli; hlt
    try (InterruptedGuest guest = new InterruptedGuest("fb 90 90 90 fa f4")) {
      guest.guest.machine.debugTarget().attach(guest.guest);
      guest.line.raise(VECTOR);
      for (int i = 1; i <= 3; i++) {
        guest.guest.machine.debugTarget().resume(ResumeKind.STEP);
        assertThat(guest.guest.nextStop()).isEqualTo(new StopReason.Stepped());
        assertThat(guest.guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + i);
      }
      assertThat(guest.count(VECTOR)).isZero();
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.interruptedAt(VECTOR)).isEqualTo(3);
    }
  }
}
