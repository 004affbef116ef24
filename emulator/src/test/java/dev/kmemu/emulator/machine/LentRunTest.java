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
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisplayName("A debugger that lets the CPU run")
class LentRunTest {

  private static final StopReason AT_START = new StopReason.Breakpoint(va(CODE));
  private static final int RUNS = 300;
  private static final long LONGER_THAN_A_LEND_NANOS = 5_000_000;

  @Test
  void executesItselfWhatIsNear() {
    try (GuestProgram guest = new GuestProgram("48ffc0 ebfb")) { // next: inc rax; jmp next
      DebugTarget target = guest.machine.debugTarget();
      Thread[] reporters = new Thread[RUNS];
      target.attach(
          reason -> {
            reporters[guest.stops.size()] = Thread.currentThread();
            guest.stopped(reason);
          });
      target.insertBreakpoint(va(CODE));
      guest.set(Register.RAX, 0);
      for (int i = 0; i < RUNS; i++) {
        target.resume(ResumeKind.CONTINUE);
        while (guest.stops.size() <= i) {
          Thread.onSpinWait();
        }
      }
      assertThat(guest.get(Register.RAX)).isEqualTo(RUNS);
      // A busy host may take the CPU back now and then.
      assertThat(reporters).contains(Thread.currentThread());
    }
  }

  @Test
  void comesBackFromAnEndlessLoop() {
    try (GuestProgram guest = new GuestProgram("ebfe")) {
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      for (int i = 0; i < RUNS; i++) {
        target.resume(ResumeKind.CONTINUE);
        assertThat(guest.stops).isEmpty();
        target.interrupt();
        assertThat(guest.nextStop()).isEqualTo(new StopReason.Interrupted());
      }
    }
  }

  @Test
  void leavesPageFaultsToTheThreadOfTheCpu() {
    try (GuestProgram guest = new GuestProgram("488907 ebfe")) { // mov [rdi], rax; jmp $
      AtomicReference<@Nullable Thread> server = new AtomicReference<>();
      guest.machine.setHostKernel(
          frame -> {
            server.set(Thread.currentThread());
            guest.store(0x3010, UNMAPPED | 0x83);
            return TrapVerdict.Resume.INSTANCE;
          });
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      target.insertBreakpoint(va(CODE + 3));
      guest.set(Register.RDI, UNMAPPED);
      guest.set(Register.RAX, 7);
      target.resume(ResumeKind.CONTINUE);
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Breakpoint(va(CODE + 3)));
      assertThat(guest.load(UNMAPPED)).isEqualTo(7);
      assertThat(server.get()).isNotNull().isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void doesNotWaitForADeviceThatWaitsForItsThread() {
    // next: out 0x80, al; jmp next
    try (GuestProgram guest = new GuestProgram("e680 ebfc")) {
      guest
          .machine
          .ports()
          .attach(
              0x80,
              1,
              (port, size, value) -> {
                LockSupport.parkNanos(LONGER_THAN_A_LEND_NANOS);
                guest.machine.interruptsChanged();
                return true;
              });
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      target.insertBreakpoint(va(CODE));
      for (int i = 0; i < 20; i++) {
        target.resume(ResumeKind.CONTINUE);
        assertThat(guest.nextStop()).isEqualTo(AT_START);
      }
    }
  }
}
