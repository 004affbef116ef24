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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@DisplayName("A debugger that lets the CPU run")
class LentRunTest {

  private static final int RUNS = 300;

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
    // next: xor ecx, ecx; mov [0x3010], rcx; mov rdx, cr3; mov cr3, rdx; inc rax; mov [rdi], rax
    String unmapAndStore = "31c9 48890c2510300000 0f20da 0f22da 48ffc0 488907";
    try (GuestProgram guest = new GuestProgram(unmapAndStore + "ebe8")) { // jmp next
      Set<Thread> servers = ConcurrentHashMap.newKeySet();
      guest.machine.setHostKernel(
          frame -> {
            servers.add(Thread.currentThread());
            guest.store(0x3010, UNMAPPED | 0x83);
            return TrapVerdict.Resume.INSTANCE;
          });
      DebugTarget target = guest.machine.debugTarget();
      target.attach(guest);
      StopReason stored = new StopReason.Breakpoint(va(CODE + 22));
      target.insertBreakpoint(va(CODE + 22));
      guest.set(Register.RDI, UNMAPPED);
      guest.set(Register.RAX, 0);
      for (int i = 1; i <= RUNS; i++) {
        target.resume(ResumeKind.CONTINUE);
        assertThat(guest.nextStop()).isEqualTo(stored);
        assertThat(guest.load(UNMAPPED)).isEqualTo(i);
      }
      assertThat(servers).hasSize(1).doesNotContain(Thread.currentThread());
    }
  }
}
