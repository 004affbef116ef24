package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.time.GuestTimers;
import dev.kmemu.emulator.time.TimeMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** In counted time, the same program ends in the same state. */
@Timeout(120)
class RepeatedRunTest {

  private static final int RUNS = 10;

  /**
   * For 40 rounds: hashes the TSC, walks memory, waits for a tick every fourth time. r8 = rounds,
   * r9 = hash.
   *
   * <pre>
   * sti; mov r8d, 40; xor r9d, r9d
   * round: rdtsc; imul r9, r9, 31; add r9, rax
   * mov ecx, 3000; inner: mov rdx, rcx; and edx, 0x1ff; add [rdx*8 + 0x203000], r9; ror r9, 7
   * dec ecx; jnz inner
   * test r8b, 3; jnz next; hlt
   * next: dec r8d; jnz round; cli; hlt
   * </pre>
   */
  private static final String PROGRAM =
      "fb 41b828000000 4531c9 0f31 4d6bc91f 4901c1 b9b80b0000 4889ca 81e2ff010000"
          + "4c010cd500302000 49c1c907 ffc9 75e7 41f6c003 7501 f4 41ffc8 75cd fa f4";

  private record End(
      List<Long> registers, int ram, long nanos, long interrupts, List<Long> firedAt) {}

  private static End run(boolean disturbed) {
    try (InterruptedGuest guest =
        new InterruptedGuest(PROGRAM, MachineOptions.standard().withTime(TimeMode.INSTRUCTIONS))) {
      Machine machine = guest.guest.machine;
      GuestTimers timers = machine.timers();
      List<Long> firedAt = new ArrayList<>();
      List<GuestTimers.Timer> self = new ArrayList<>();
      self.add(
          timers.create(
              () -> {
                firedAt.add(timers.now());
                guest.line.raise(VECTOR);
                self.get(0).set(timers.now() + 777);
              }));
      self.get(0).set(777);
      AtomicBoolean ended = new AtomicBoolean();
      Thread disturber =
          new Thread(
              () -> {
                while (disturbed && !ended.get()) {
                  machine.tlb().invalidatePage(new VirtualAddress(GuestProgram.DATA));
                  machine.onCpu(cpu -> cpu);
                }
              });
      disturber.start();
      assertThat(guest.runToTheEnd()).isEqualTo(new GuestOutcome.Halted());
      ended.set(true);
      join(disturber);
      List<Long> registers = new ArrayList<>();
      for (Register register :
          List.of(
              Register.RAX,
              Register.RBX,
              Register.RCX,
              Register.RDX,
              Register.RSP,
              Register.R8,
              Register.R9,
              Register.RIP,
              Register.RFLAGS)) {
        registers.add(guest.guest.get(register));
      }
      byte[] ram = new byte[(int) machine.ram().size()];
      machine.ram().read(new PhysicalAddress(0), ram, 0, ram.length);
      return new End(
          registers, Arrays.hashCode(ram), machine.clock().nanos(), guest.count(VECTOR), firedAt);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void endsAlikeToTheLastBit() {
    End first = run(false);
    assertThat(first.interrupts()).as("interrupts").isGreaterThan(100);
    for (int i = 1; i < RUNS; i++) {
      assertThat(run(false)).isEqualTo(first);
    }
  }

  @Test
  void whatOtherThreadsWantMeanwhileChangesNothing() {
    End first = run(false);
    for (int i = 0; i < 3; i++) {
      assertThat(run(true)).isEqualTo(first);
    }
  }
}
