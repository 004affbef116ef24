package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.ConditionalBreakpoints;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ConditionalBreakpointsTest {

  private static final StopReason HIT = new StopReason.Breakpoint(va(CODE));
  private static final long TF = 0x100;

  // next: inc rax; jmp next
  private final GuestProgram guest = new GuestProgram("48ffc0 ebfb");
  private final ConditionalBreakpoints breakpoints =
      guest.machine.debugTarget().conditionalBreakpoints().orElseThrow();

  @AfterEach
  void close() {
    guest.close();
  }

  private void attach() {
    guest.machine.debugTarget().attach(guest);
    guest.set(Register.RAX, 0);
  }

  private StopReason continues() {
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    return guest.nextStop();
  }

  @Test
  void theCpuStopsWhereTheConditionSaysSo() {
    attach();
    AtomicInteger asked = new AtomicInteger();
    breakpoints.insert(
        va(CODE),
        cpu -> {
          asked.incrementAndGet();
          return cpu.register(Register.RAX) == 1000;
        });
    assertThat(continues()).isEqualTo(HIT);
    assertThat(guest.get(Register.RAX)).isEqualTo(1000);
    assertThat(asked).as("the first is where the run began").hasValue(1000);
    assertThat(guest.get(Register.RFLAGS) & TF).isZero();
  }

  @Test
  void theConditionSeesRegistersAndMemory() {
    attach();
    guest.store(DATA, 0x77);
    byte[] seen = new byte[1];
    long[] rip = new long[1];
    breakpoints.insert(
        va(CODE),
        cpu -> {
          rip[0] = cpu.register(Register.RIP);
          return cpu.read(va(DATA), seen, 0, 1).equals(new MemoryTransfer.Complete(1));
        });
    assertThat(continues()).isEqualTo(HIT);
    assertThat(seen[0]).isEqualTo((byte) 0x77);
    assertThat(rip[0]).isEqualTo(CODE);
  }

  @Test
  void oneThatThrowsStopsTheCpu() {
    attach();
    breakpoints.insert(
        va(CODE),
        cpu -> {
          throw new IllegalStateException("broken condition");
        });
    assertThat(continues()).isEqualTo(HIT);
  }

  @Test
  void anInterruptGetsThroughAStormOfFalseHits() throws InterruptedException {
    attach();
    CountDownLatch storm = new CountDownLatch(1000);
    AtomicInteger asked = new AtomicInteger();
    breakpoints.insert(
        va(CODE),
        cpu -> {
          storm.countDown();
          asked.incrementAndGet();
          return false;
        });
    for (int i = 0; i < 50; i++) {
      guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
      storm.await();
      guest.machine.debugTarget().interrupt();
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Interrupted());
      assertThat(guest.get(Register.RFLAGS) & TF).isZero();
    }
    assertThat((long) asked.get())
        .as("each hit is asked for once")
        .isBetween(guest.get(Register.RAX) - 51, guest.get(Register.RAX) + 1);
  }

  @Test
  void aTaskGetsThroughAStormOfFalseHits() throws InterruptedException {
    attach();
    CountDownLatch storm = new CountDownLatch(1000);
    breakpoints.insert(
        va(CODE),
        cpu -> {
          storm.countDown();
          return false;
        });
    guest.machine.debugTarget().resume(ResumeKind.CONTINUE);
    storm.await();
    for (int i = 0; i < 50; i++) {
      long flags = guest.machine.onCpu(cpu -> cpu.registers().read(Register.RFLAGS));
      assertThat(flags & TF).isZero();
    }
  }

  @Test
  void anUnconditionalOneTakesItsPlaceAndGoes() {
    attach();
    breakpoints.insert(va(CODE), cpu -> false);
    guest.machine.debugTarget().insertBreakpoint(va(CODE));
    assertThat(continues()).isEqualTo(HIT);
    guest.machine.debugTarget().removeBreakpoint(va(CODE));
    breakpoints.insert(va(CODE + 3), cpu -> true);
    assertThat(continues()).isEqualTo(new StopReason.Breakpoint(va(CODE + 3)));
  }

  @Test
  void whatTheGuestPushesOfItsFlagsHasNoTrapFlag() {
    // next: pushfq; pop rbx; or rdx, rbx; inc rax; jmp next
    guest.code(CODE, "9c 5b 4809da 48ffc0 ebf6");
    attach();
    guest.set(Register.RDX, 0);
    for (int offset : new int[] {1, 2, 5}) {
      breakpoints.insert(va(CODE + offset), cpu -> false);
    }
    breakpoints.insert(va(CODE + 8), cpu -> cpu.register(Register.RAX) == 10);
    continues();
    assertThat(guest.get(Register.RDX) & TF).isZero();
  }

  @Test
  void neighboursAreAskedOneAfterTheOther() {
    guest.code(CODE, "90 90 90 48ffc0 ebf8");
    attach();
    StringBuilder order = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      int at = i;
      breakpoints.insert(
          va(CODE + i),
          cpu -> {
            order.append(at);
            return cpu.register(Register.RAX) == 2;
          });
    }
    assertThat(continues()).isEqualTo(HIT);
    assertThat(order).hasToString("12" + "012" + "0");
  }
}
