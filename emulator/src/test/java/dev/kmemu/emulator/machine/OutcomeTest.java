package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.debug.StopReason;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutcomeTest {

  private static GuestOutcome runToTheEnd(GuestProgram guest) {
    guest.machine.resume();
    return guest.machine.outcome().join();
  }

  @Test
  void aWriteToTheExitPortEndsTheGuestWithItsValue() {
    // mov al, 42; out 0xf4, al; ud2
    try (GuestProgram guest = new GuestProgram("b02a e6f4 0f0b")) {
      assertThat(runToTheEnd(guest)).isEqualTo(new GuestOutcome.Exited(42));
      assertThat(guest.machine.debugTarget().stopReason()).isEqualTo(new StopReason.Halted());
    }
  }

  @Test
  void aDebuggerMayBeToldThatTheGuestHasExited() {
    try (GuestProgram guest = new GuestProgram("b02a e6f4 f4")) {
      guest.machine.setEndsWithGuest(true);
      guest.machine.debugTarget().attach(guest);
      assertThat(runToTheEnd(guest)).isEqualTo(new GuestOutcome.Exited(42));
      assertThat(guest.nextStop()).isEqualTo(new StopReason.Exited(42));
    }
  }

  @Test
  void aHaltIsAHalt() {
    try (GuestProgram guest = new GuestProgram("f4")) {
      assertThat(runToTheEnd(guest)).isEqualTo(new GuestOutcome.Halted());
    }
  }

  @Test
  void anExceptionThatNobodyAnswersIsACrash() {
    try (GuestProgram guest = new GuestProgram("0f0b")) {
      GuestOutcome outcome = runToTheEnd(guest);
      assertThat(outcome).isInstanceOf(GuestOutcome.Crashed.class);
      assertThat(((GuestOutcome.Crashed) outcome).report().vector()).isEqualTo(6);
      assertThat(guest.machine.debugTarget().stopReason())
          .isInstanceOfSatisfying(
              StopReason.Crashed.class, crash -> assertThat(crash.vector()).isEqualTo(6));
    }
  }

  @Test
  void whatAKernelThrowsIsTheEnginesFailureWithItsCause() {
    try (GuestProgram guest = new GuestProgram("488906 f4")) {
      guest.set(Register.RSI, GuestProgram.UNMAPPED);
      IllegalStateException thrown = new IllegalStateException("broken kernel");
      guest.machine.setHostKernel(
          frame -> {
            throw thrown;
          });
      assertThat(runToTheEnd(guest))
          .isEqualTo(
              new GuestOutcome.EngineFailed(
                  "java.lang.IllegalStateException: broken kernel", thrown));
      guest.machine.setHostKernel(frame -> new TrapVerdict.Fatal("asked again", "a test"));
      guest.machine.debugTarget().attach(guest);
      guest.machine.resume();
      assertThat(guest.nextStop())
          .as("the CPU is still usable")
          .isInstanceOfSatisfying(
              StopReason.Crashed.class,
              crash -> assertThat(crash.description()).contains("asked again"));
    }
  }

  @Test
  void whoHearsOfTheOutcomeFindsThePausedCpu() {
    for (int i = 0; i < 200; i++) {
      try (GuestProgram guest = new GuestProgram("48ffc0 f4")) {
        CompletableFuture<Long> rip =
            guest.machine.outcome().thenApply(outcome -> guest.get(Register.RIP));
        guest.machine.resume();
        guest.machine.outcome().join();
        assertThat(guest.get(Register.RIP)).isEqualTo(GuestProgram.CODE + 4);
        assertThat(rip.join()).isEqualTo(GuestProgram.CODE + 4);
      }
    }
  }

  @Test
  void whatDependsOnTheOutcomeIsDoneBeforeADebuggerHearsOfTheStop() throws InterruptedException {
    try (GuestProgram guest = new GuestProgram("0f0b")) {
      AtomicReference<GuestOutcome> seen = new AtomicReference<>();
      BlockingQueue<Boolean> heard = new LinkedBlockingQueue<>();
      CompletableFuture<Void> dependent = guest.machine.outcome().thenAccept(seen::set);
      guest.machine.debugTarget().attach(reason -> heard.add(seen.get() != null));

      guest.machine.resume();

      assertThat(heard.take()).isTrue();
      assertThat(dependent).isCompleted();
    }
  }

  @Test
  void aMachineThatIsClosedKillsItsGuest() {
    GuestProgram guest = new GuestProgram("ebfe");
    guest.machine.resume();
    guest.close();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Killed());
    assertThat(guest.machine.closed()).isCompleted();
  }

  @Test
  void theFirstOutcomeStays() {
    GuestProgram guest = new GuestProgram("f4");
    runToTheEnd(guest);
    guest.close();
    assertThat(guest.machine.outcome().join()).isEqualTo(new GuestOutcome.Halted());
  }
}
