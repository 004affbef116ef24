package dev.kmemu.emulator.machine;

import static dev.kmemu.emulator.machine.GuestProgram.CODE;
import static dev.kmemu.emulator.machine.GuestProgram.DATA;
import static dev.kmemu.emulator.machine.GuestProgram.UNMAPPED;
import static dev.kmemu.emulator.machine.GuestProgram.va;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.MemoryTransfer;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.StopReason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DebuggerTest {

  private static final StopReason INTERRUPTED = new StopReason.Interrupted();

  // next: inc rax; jmp next
  private final GuestProgram guest = new GuestProgram("48ffc0 ebfb");
  private final DebugTarget target = guest.machine.debugTarget();

  @AfterEach
  void close() {
    guest.close();
  }

  @Test
  void attachingPausesARunningCpuAndIsNotReported() {
    guest.machine.resume();
    assertThat(target.attach(guest)).isEqualTo(INTERRUPTED);
    assertThat(target.stopReason()).isEqualTo(INTERRUPTED);
    target.resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).as("the first report").isEqualTo(new StopReason.Stepped());
  }

  @Test
  void oneThatIsDismissedHearsThatTheGuestHasExited() {
    target.attach(guest);
    target.resume(ResumeKind.CONTINUE);
    guest.machine.dismissDebugger(124);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Exited(124));
    assertThat(target.stopReason()).isEqualTo(INTERRUPTED);
    guest.machine.resume();
    guest.machine.pause();
    guest.machine.dismissDebugger(125);
    assertThat(target.attach(guest)).as("nobody was attached").isEqualTo(INTERRUPTED);
    target.resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Stepped());
  }

  @Test
  void everybodyHasHeardOfAStopOnceReportsAreAwaited() throws InterruptedException {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    CountDownLatch waited = new CountDownLatch(1);
    target.attach(
        reason -> {
          told.countDown();
          awaitUninterruptibly(goesOn);
        });
    target.resume(ResumeKind.CONTINUE);
    target.interrupt();
    told.await();
    Thread waiting =
        new Thread(
            () -> {
              guest.machine.awaitReports();
              waited.countDown();
            });
    waiting.start();
    assertThat(waited.await(100, TimeUnit.MILLISECONDS)).as("the listener isn't back").isFalse();
    goesOn.countDown();
    assertThat(waited.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aClosedMachineHasNothingToReport() {
    guest.machine.close();
    guest.machine.awaitReports();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void thereIsOneDebuggerAtATime() {
    target.attach(guest);
    assertThatThrownBy(() -> target.attach(guest))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a debugger is attached already");
    target.detach();
    target.attach(guest);
  }

  @Test
  void aRunningCpuCanBeInterruptedButNotAsked() {
    target.attach(guest);
    target.resume(ResumeKind.CONTINUE);
    assertThat(target.stopReason()).isNull();
    byte[] bytes = new byte[8];
    assertNotWhileRunning(() -> target.readRegister(Register.RAX, bytes, 0));
    assertNotWhileRunning(() -> target.writeRegister(Register.RAX, bytes, 0));
    assertNotWhileRunning(() -> target.readMemory(va(CODE), bytes, 0, 8));
    assertNotWhileRunning(() -> target.writeMemory(va(CODE), bytes, 0, 8));
    assertNotWhileRunning(() -> target.insertBreakpoint(va(CODE)));
    assertNotWhileRunning(() -> target.removeBreakpoint(va(CODE)));
    target.interrupt();
    assertThat(guest.nextStop()).isEqualTo(INTERRUPTED);
    target.interrupt();
    assertThat(guest.stops).as("no report for a paused CPU").isEmpty();
  }

  private static void assertNotWhileRunning(Runnable access) {
    assertThatThrownBy(access::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the CPU is running");
  }

  @Test
  void aStepIsOneInstruction() {
    target.attach(guest);
    guest.set(Register.RAX, 0);
    for (int i = 0; i < 4; i++) {
      target.resume(ResumeKind.STEP);
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Stepped());
    }
    assertThat(guest.get(Register.RAX)).isEqualTo(2);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE);
  }

  @Test
  void aBreakpointIsHitEachTimeAndPassedOverWhereTheCpuStands() {
    target.attach(guest);
    guest.set(Register.RAX, 0);
    target.insertBreakpoint(va(CODE));
    target.insertBreakpoint(va(CODE));
    for (int hit = 1; hit <= 3; hit++) {
      target.resume(ResumeKind.CONTINUE);
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Breakpoint(va(CODE)));
      assertThat(guest.get(Register.RAX)).isEqualTo(hit);
    }
    target.removeBreakpoint(va(CODE));
    target.resume(ResumeKind.CONTINUE);
    target.interrupt();
    assertThat(guest.nextStop()).isEqualTo(INTERRUPTED);
  }

  @Test
  void detachingTakesTheBreakpointsAndLetsTheGuestGo() {
    guest.code(CODE, "48ffc0 48ffc0 f4");
    target.attach(guest);
    target.insertBreakpoint(va(CODE + 3));
    target.detach();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
    assertThat(guest.stops).isEmpty();
    target.detach();
  }

  @Test
  void aBreakpointAtThePageAfterAHoleIsHitAndNothingElse() {
    long page = 0x80_0000;
    guest.store(0x3020, page | 0x83);
    guest.code(page, "90 f4");
    guest.code(CODE, "b800008000 ffe0"); // mov eax, page; jmp rax
    target.attach(guest);
    guest.set(Register.CR2, 0x1234);
    target.insertBreakpoint(va(page));
    target.resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Breakpoint(va(page)));
    assertThat(guest.get(Register.CR2)).isEqualTo(0x1234);
    target.resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    assertThat(guest.get(Register.RIP)).isEqualTo(page + 2);
  }

  @Test
  void aDisconnectTakesTheBreakpointsAndLeavesTheCpuPaused() {
    guest.code(CODE, "48ffc0 48ffc0 f4");
    target.attach(guest);
    target.insertBreakpoint(va(CODE + 3));
    target.disconnect();
    assertThat(target.attach(guest)).isEqualTo(INTERRUPTED);
    target.detach();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
    assertThat(guest.stops).isEmpty();
    target.disconnect();
  }

  @Test
  void aDisconnectFromARunningCpuLetsItRun() {
    guest.code(CODE, "ebfe");
    target.attach(guest);
    target.resume(ResumeKind.CONTINUE);
    target.disconnect();
    assertThat(target.stopReason()).isNull();
  }

  @Test
  void memoryIsReadUpToThePageThatIsNotThere() {
    target.attach(guest);
    byte[] bytes = new byte[0x20];
    MemoryTransfer transfer = target.readMemory(va(UNMAPPED - 0x10), bytes, 0, 0x20);
    assertThat(transfer)
        .isInstanceOfSatisfying(
            MemoryTransfer.Partial.class,
            partial -> {
              assertThat(partial.length()).isEqualTo(0x10);
              assertThat(partial.reason()).startsWith("0x0000000000400000: ").doesNotContain("\n");
            });
    assertThat(target.writeMemory(va(UNMAPPED), bytes, 0, 1).length()).isZero();
    assertThat(target.readMemory(va(DATA), bytes, 8, 8)).isEqualTo(new MemoryTransfer.Complete(8));
  }

  @Test
  void codeThatTheDebuggerWritesIsWhatRuns() {
    guest.code(CODE, "b801000000 f4"); // mov eax, 1; hlt
    target.attach(guest);
    target.resume(ResumeKind.CONTINUE);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Halted());
    byte[] two = {2};
    assertThat(target.writeMemory(va(CODE + 1), two, 0, 1))
        .isEqualTo(new MemoryTransfer.Complete(1));
    guest.set(Register.RIP, CODE);
    target.resume(ResumeKind.CONTINUE);
    guest.nextStop();
    assertThat(guest.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void codeWrittenBeforeTheAddressSpaceChangesIsDroppedToo() {
    guest.code(CODE, "b801000000 f4");
    target.attach(guest);
    target.resume(ResumeKind.CONTINUE);
    guest.nextStop();
    byte[] two = {2};
    target.writeMemory(va(CODE + 1), two, 0, 1);
    // In the other address space CODE lies where DATA does.
    guest.store(0x5000, 0x6003);
    guest.store(0x6000, 0x7003);
    guest.store(0x7000, DATA | 0x83);
    guest.set(Register.CR3, 0x5000);
    byte[] seen = new byte[1];
    guest.store(DATA + CODE, 0x33);
    target.readMemory(va(CODE), seen, 0, 1);
    assertThat(seen[0]).as("memory through the new tables").isEqualTo((byte) 0x33);
    guest.code(DATA + CODE, "0f20d8 b900100000 0f22d9 f4"); // mov rax, cr3; ...; mov cr3, rcx; hlt
    guest.set(Register.RIP, CODE);
    target.resume(ResumeKind.STEP);
    assertThat(guest.nextStop()).isEqualTo(new StopReason.Stepped());
    assertThat(guest.get(Register.RAX)).as("it runs there").isEqualTo(0x5000);
    guest.set(Register.CR3, GuestProgram.PML4);
    guest.set(Register.RIP, CODE);
    target.resume(ResumeKind.CONTINUE);
    guest.nextStop();
    assertThat(guest.get(Register.RAX)).isEqualTo(2);
  }

  @Test
  void registersThatTheHostChangesAreSeen() {
    target.attach(guest);
    assertThat(guest.get(Register.RIP)).isEqualTo(CODE);
    guest.machine.onCpu(
        cpu -> {
          cpu.registers().write(Register.RIP, DATA);
          return cpu;
        });
    assertThat(guest.get(Register.RIP)).isEqualTo(DATA);
  }

  @Test
  void aListenerThatThrowsDoesNotTakeTheCpuWithIt() {
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    java.util.concurrent.CompletableFuture<Throwable> thrown =
        new java.util.concurrent.CompletableFuture<>();
    Thread.setDefaultUncaughtExceptionHandler((thread, e) -> thrown.complete(e));
    try {
      target.attach(
          reason -> {
            throw new IllegalStateException("broken listener");
          });
      target.resume(ResumeKind.STEP);
      assertThat(thrown.join()).hasMessage("broken listener");
      assertThat(guest.get(Register.RIP)).isEqualTo(CODE + 3);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
  }
}
