package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.InterruptedGuest.NMI;
import static dev.kmemu.emulator.machine.InterruptedGuest.VECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interrupts from other threads: none is lost, none comes twice. */
@Timeout(180)
class InterruptStormTest {

  private static final int STORM = 100_000;
  private static final String TIGHT_LOOP = "fb ebfe";
  private static final String HALTS = "fb f4 ebfd";

  /** Raises the line {@code times}, each time as soon as the CPU has taken the one before. */
  private static void storm(InterruptedGuest guest, int times) {
    for (int done = 0; done < times; ) {
      if (guest.line.raise(VECTOR)) {
        done++;
      } else {
        Thread.onSpinWait();
      }
    }
  }

  private static Thread repeat(AtomicBoolean ended, Runnable action) {
    Thread thread =
        new Thread(
            () -> {
              while (!ended.get()) {
                action.run();
                // Whoever stops the CPU without a break leaves the guest no time at all.
                LockSupport.parkNanos(50_000);
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void eachInterruptOfATightLoopIsServedOnce() {
    try (InterruptedGuest guest = new InterruptedGuest(TIGHT_LOOP)) {
      guest.guest.machine.resume();
      storm(guest, STORM);
      guest.awaitCount(VECTOR, STORM);
      guest.guest.machine.pause();
      assertThat(guest.count(VECTOR)).isEqualTo(STORM);
    }
  }

  @Test
  void eachInterruptWakesAHaltedCpuOnce() {
    try (InterruptedGuest guest = new InterruptedGuest(HALTS)) {
      guest.guest.machine.resume();
      storm(guest, STORM / 5);
      guest.awaitCount(VECTOR, STORM / 5);
      guest.guest.machine.pause();
      assertThat(guest.count(VECTOR)).isEqualTo(STORM / 5);
    }
  }

  @Test
  void interruptsAndNmisTogetherAreAllServed() throws InterruptedException {
    try (InterruptedGuest guest = new InterruptedGuest(TIGHT_LOOP)) {
      guest.guest.machine.resume();
      Thread other =
          new Thread(
              () -> {
                for (int done = 0; done < STORM / 5; ) {
                  if (guest.line.nmi()) {
                    done++;
                  } else {
                    Thread.onSpinWait();
                  }
                }
              });
      other.start();
      storm(guest, STORM / 5);
      other.join();
      guest.awaitCount(VECTOR, STORM / 5);
      guest.awaitCount(NMI, STORM / 5);
      guest.guest.machine.pause();
      assertThat(guest.count(VECTOR)).isEqualTo(STORM / 5);
      assertThat(guest.count(NMI)).isEqualTo(STORM / 5);
    }
  }

  @Test
  void tasksPausesAndFlushesMeanwhileLoseNothing() throws InterruptedException {
    // sti; next: inc rbx; lea rcx, [rbx]; cmp rcx, rbx; je next; hlt
    try (InterruptedGuest guest = new InterruptedGuest("fb 48ffc3 488d0b 4839d9 74f5 f4")) {
      Machine machine = guest.guest.machine;
      machine.resume();
      AtomicBoolean ended = new AtomicBoolean();
      Thread flusher =
          repeat(ended, () -> machine.tlb().invalidatePage(new VirtualAddress(GuestProgram.DATA)));
      Thread tasks = repeat(ended, () -> machine.onCpu(cpu -> cpu));
      Thread pauses =
          repeat(
              ended,
              () -> {
                machine.pause();
                machine.resume();
              });
      storm(guest, STORM / 10);
      ended.set(true);
      flusher.join();
      tasks.join();
      pauses.join();
      guest.awaitCount(VECTOR, STORM / 10);
      machine.pause();
      assertThat(guest.count(VECTOR)).isEqualTo(STORM / 10);
      assertThat(guest.guest.get(Register.RIP)).as("the loop never left").isLessThan(0x10_000C);
    }
  }

  @Test
  void pausesOfAHaltedCpuLoseNothing() throws InterruptedException {
    try (InterruptedGuest guest = new InterruptedGuest(HALTS)) {
      Machine machine = guest.guest.machine;
      machine.resume();
      AtomicBoolean ended = new AtomicBoolean();
      Thread pauses =
          repeat(
              ended,
              () -> {
                machine.pause();
                machine.resume();
              });
      storm(guest, STORM / 20);
      ended.set(true);
      pauses.join();
      guest.awaitCount(VECTOR, STORM / 20);
      machine.pause();
      assertThat(guest.count(VECTOR)).isEqualTo(STORM / 20);
    }
  }
}
