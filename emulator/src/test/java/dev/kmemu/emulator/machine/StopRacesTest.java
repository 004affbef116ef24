package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class StopRacesTest {

  private static final int ROUNDS = 3000;

  @Test
  void eachResumeHasOneStopHoweverAnInterruptFallsOnAHalt() {
    // mov ecx, 2000; next: dec ecx; jnz next; hlt
    try (GuestProgram guest = new GuestProgram("b9d0070000 ffc9 75fc f4")) {
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      int halted = 0;
      for (int i = 0; i < ROUNDS; i++) {
        guest.set(Register.RIP, CODE);
        target.resume(ResumeKind.CONTINUE);
        target.interrupt();
        StopReason reason = guest.nextStop();
        if (reason instanceof StopReason.Halted) {
          assertThat(guest.get(Register.RCX)).as("loops left at a halt").isZero();
          halted++;
        } else {
          assertThat(reason).isEqualTo(new StopReason.Interrupted());
        }
        assertThat(target.stopReason()).isEqualTo(reason);
        assertThat(guest.stops).as("a second report").isEmpty();
      }
      assertThat(halted).isBetween(0, ROUNDS);
    }
  }

  @Test
  void eachResumeHasOneStopHoweverAnInterruptFallsOnABreakpoint() throws InterruptedException {
    // next: inc rax; dec rbx; jmp next
    try (GuestProgram guest = new GuestProgram("48ffc0 48ffcb ebf8")) {
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      target.insertBreakpoint(va(CODE));
      AtomicBoolean ended = new AtomicBoolean();
      Thread interrupter =
          new Thread(
              () -> {
                while (!ended.get()) {
                  target.interrupt();
                }
              });
      interrupter.start();
      for (int i = 0; i < ROUNDS; i++) {
        target.resume(i % 3 == 0 ? ResumeKind.STEP : ResumeKind.CONTINUE);
        StopReason reason = guest.nextStop();
        assertThat(target.stopReason()).isEqualTo(reason);
        assertThat(guest.stops).as("a second report").isEmpty();
      }
      ended.set(true);
      interrupter.join();
    }
  }

  @Test
  void tasksForTheCpuDoNotHideABreakpoint() throws InterruptedException {
    // next: inc rax; dec rbx; jmp next
    try (GuestProgram guest = new GuestProgram("48ffc0 48ffcb ebf8")) {
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      guest.set(Register.RAX, 0);
      target.insertBreakpoint(va(CODE));
      AtomicBoolean ended = new AtomicBoolean();
      Thread poster =
          new Thread(
              () -> {
                while (!ended.get()) {
                  guest.machine.onCpu(cpu -> cpu);
                }
              });
      poster.start();
      for (int hit = 1; hit <= ROUNDS; hit++) {
        target.resume(ResumeKind.CONTINUE);
        assertThat(guest.nextStop()).isEqualTo(new StopReason.Breakpoint(va(CODE)));
        assertThat(guest.get(Register.RAX)).as("each time round is a hit").isEqualTo(hit);
      }
      ended.set(true);
      poster.join();
    }
  }

  @Test
  void attachingNeverReportsItsOwnStop() {
    try (GuestProgram guest = new GuestProgram("ebfe")) {
      DebugTarget target = guest.machine.debugTarget();
      for (int i = 0; i < ROUNDS; i++) {
        guest.machine.resume();
        assertThat(target.attach(guest)).isEqualTo(new StopReason.Interrupted());
        guest.machine.onCpu(cpu -> cpu); // behind whatever the CPU's thread was about to say
        assertThat(guest.stops).isEmpty();
        target.detach();
      }
    }
  }
}
