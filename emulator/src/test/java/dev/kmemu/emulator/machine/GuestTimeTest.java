package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.TimeMode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guest time as a guest sees it, by the host's clock and by executed code. */
@Timeout(60)
class GuestTimeTest {

  private static final MachineOptions COUNTED =
      MachineOptions.standard().withTime(TimeMode.INSTRUCTIONS);

  @Test
  void theTimeStampCounterCountsGuestTime() {
    // rdtsc; shl rdx, 32; or rax, rdx; mov rbx, rax; hlt
    try (GuestProgram guest = new GuestProgram("0f31 48c1e220 4809d0 4889c3 f4")) {
      guest.machine.resume();
      guest.machine.outcome().join();
      assertThat(guest.get(Register.RBX)).isBetween(1L, guest.machine.clock().nanos());
    }
  }

  @Test
  void theTimeStampCounterMayBeSet() {
    // mov ecx, 0x10; mov eax, 5; mov edx, 7; wrmsr; rdtsc; hlt
    try (GuestProgram guest =
        new GuestProgram("b910000000 b805000000 ba07000000 0f30 0f31 f4", COUNTED)) {
      guest.machine.resume();
      guest.machine.outcome().join();
      assertThat(guest.get(Register.RDX)).isEqualTo(7);
      assertThat(guest.get(Register.RAX)).isBetween(5L, 20L);
    }
  }

  @Test
  void rdtscpLoadsTheAuxiliaryRegister() {
    // mov ecx, 0xc0000103; mov eax, 0x1234; xor edx, edx; wrmsr; xor ecx, ecx; rdtscp; hlt
    try (GuestProgram guest =
        new GuestProgram("b9030100c0 b834120000 31d2 0f30 31c9 0f01f9 f4", COUNTED)) {
      guest.machine.resume();
      guest.machine.outcome().join();
      assertThat(guest.get(Register.RCX)).isEqualTo(0x1234);
      assertThat(guest.get(Register.RAX)).isBetween(1L, 20L);
      assertThat(guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 20);
    }
  }

  @Test
  void theCrystalAndItsRatioGiveTheFrequency() {
    // mov eax, 0x15; cpuid; mov esi, eax; mov edi, ebx; mov ebp, ecx; mov eax, 0x16; cpuid; hlt
    try (GuestProgram guest =
        new GuestProgram("b815000000 0fa2 89c6 89df 89cd b816000000 0fa2 f4")) {
      guest.machine.resume();
      guest.machine.outcome().join();
      long denominator = guest.get(Register.RSI);
      long numerator = guest.get(Register.RDI);
      long crystal = guest.get(Register.RBP);
      assertThat(crystal * numerator / denominator).isEqualTo(1_000_000_000L);
      assertThat(guest.get(Register.RAX)).as("MHz").isEqualTo(1000);
    }
  }

  @Test
  void guestTimeStandsWhileTheMachineIsPaused() {
    try (GuestProgram guest = new GuestProgram("ebfe")) {
      assertThat(guest.machine.clock().nanos()).isZero();
      guest.machine.resume();
      while (guest.machine.clock().nanos() == 0) {
        Thread.onSpinWait();
      }
      guest.machine.pause();
      long paused = guest.machine.clock().nanos();
      long before = System.nanoTime();
      while (System.nanoTime() - before < 1_000_000) {
        Thread.onSpinWait();
      }
      assertThat(guest.machine.clock().nanos()).isEqualTo(paused);
      guest.machine.resume();
      while (guest.machine.clock().nanos() == paused) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void aTimerOfTheHostsClockWakesAHaltedCpu() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4")) {
      guest.guest.machine.timers().create(() -> guest.line.raise(VECTOR)).set(2_000_000);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.guest.machine.clock().nanos()).isGreaterThanOrEqualTo(2_000_000);
    }
  }

  @Test
  void aTimerOfTheHostsClockInterruptsATightLoop() {
    try (InterruptedGuest guest = new InterruptedGuest("fb ebfe")) {
      guest.guest.machine.timers().create(() -> guest.line.raise(VECTOR)).set(2_000_000);
      guest.guest.machine.resume();
      guest.awaitCount(VECTOR, 1);
    }
  }

  @Test
  void countedTimeJumpsToTheDeadlineThatAHaltedCpuWaitsFor() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4", COUNTED)) {
      long hour = 3600_000_000_000L;
      guest.guest.machine.timers().create(() -> guest.line.raise(VECTOR)).set(hour);
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
      assertThat(guest.guest.machine.clock().nanos()).isBetween(hour, hour + 100);
    }
  }

  @Test
  void aTimerThatAnotherThreadSetsWakesAHaltedCpuOfCountedTime() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4", COUNTED)) {
      Machine machine = guest.guest.machine;
      machine.resume();
      while (machine.pause() != null && guest.guest.get(Register.RIP) != GuestProgram.CODE + 2) {
        machine.resume();
      }
      machine.resume();
      machine.timers().create(() -> guest.line.raise(VECTOR)).set(1_000_000);
      assertThat(machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
      assertThat(guest.count(VECTOR)).isEqualTo(1);
    }
  }

  @Test
  void aTimerThatTicksForNobodyLetsAHaltedMachineBePaused() {
    try (InterruptedGuest guest = new InterruptedGuest("fb f4 fa f4", COUNTED)) {
      Machine machine = guest.guest.machine;
      GuestTimers timers = machine.timers();
      List<GuestTimers.Timer> self = new ArrayList<>();
      self.add(timers.create(() -> self.get(0).set(timers.now() + 1000)));
      self.get(0).set(1000);
      machine.resume();
      while (machine.clock().nanos() < 1_000_000) {
        Thread.onSpinWait();
      }
      machine.pause();
      machine.resume();
    }
  }
}
