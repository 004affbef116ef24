package dev.kmemu.campaign.sched;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.PanicState;
import dev.kmemu.vm.kern.SleepOutcome;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmTokens;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Kernel threads go in the order that was asked for, and an order in which they end nowhere shows.
 */
class TurnsTest {

  private final Turns turns = new Turns(() -> false);
  private final SleepQueue sleepQueue = new SleepQueue(new PanicState(), turns);
  private final Token token = VmTokens.create(turns).vm();
  private final List<String> log = new ArrayList<>();

  private void run(List<Preemption> plan, Runnable... bodies) {
    turns.run(Arrays.stream(bodies).map(body -> new Turns.Body("something", body)).toList(), plan);
  }

  private Runnable steps(String name) {
    return () -> {
      for (int i = 1; i <= 3; i++) {
        turns.mayPreempt("a step");
        log.add(name + i);
      }
    };
  }

  @Test
  void withoutPreemptionsThreadsGoOneAfterTheOther() {
    run(List.of(), steps("a"), steps("b"));

    assertThat(log).containsExactly("a1", "a2", "a3", "b1", "b2", "b3");
  }

  @Test
  void aPreemptionIsAtThePointOfItsThread() {
    run(List.of(new Preemption(0, 2, 1), new Preemption(1, 3, 0)), steps("a"), steps("b"));

    assertThat(log).containsExactly("a1", "b1", "b2", "a2", "a3", "b3");
  }

  @Test
  void aThreadThatIsntThereIsPassedOver() {
    turns.run(
        List.of(new Turns.Body("", () -> {}), new Turns.Body("it", steps("b"))),
        List.of(new Preemption(1, 1, 0), new Preemption(1, 2, 3)));

    assertThat(log).containsExactly("b1", "b2", "b3");
  }

  @Test
  void whoWaitsForATokenLetsItsHolderGoOn() {
    Runnable holder =
        () -> {
          token.get();
          turns.mayPreempt("holding");
          log.add("holder");
          token.release();
        };
    Runnable waiter =
        () -> {
          token.get();
          log.add("waiter");
          token.release();
        };

    run(List.of(new Preemption(0, 2, 1)), holder, waiter);

    assertThat(log).containsExactly("holder", "waiter");
  }

  @Test
  void aSleepWhoseTimeIsLimitedEndsWhenNobodyElseCanGoOn() {
    run(
        List.of(),
        () ->
            log.add(
                sleepQueue.tsleep(this, 0, "slow", 1L << 60) == SleepOutcome.TIMED_OUT
                    ? "up"
                    : "woken"),
        steps("b"));

    assertThat(log).containsExactly("b1", "b2", "b3", "up");
  }

  /** Tests the condition, may be preempted, and then sleeps: the wakeup may come in between. */
  private final class Gap {
    private boolean ready;

    void await() {
      if (!ready) {
        turns.mayPreempt("tested");
        sleepQueue.sleep(this, "gapw");
      }
    }

    void wake() {
      ready = true;
      sleepQueue.wakeup(this);
    }

    @Override
    public String toString() {
      return "the gap";
    }
  }

  @Test
  void aLostWakeupIsADeadlockThatSaysWhoSleepsOnWhat() {
    Gap harmless = new Gap();
    run(List.of(), harmless::await, harmless::wake);
    Gap gap = new Gap();

    StuckException stuck =
        catchThrowableOfType(
            StuckException.class,
            () -> run(List.of(new Preemption(0, 1, 1)), gap::await, gap::wake));

    assertThat(stuck.check()).isEqualTo("deadlock");
    assertThat(stuck.waits()).containsExactly("t1 (something) sleeps on the gap, gapw");
  }

  @Test
  void locksTakenInOppositeOrdersAreADeadlockThatSaysWhoHoldsThem() {
    LockmgrLock left = new LockmgrLock("thrd_sleep", "left", turns);
    LockmgrLock right = new LockmgrLock("thrd_sleep", "right", turns);
    Runnable[] bodies = {() -> both(left, right), () -> both(right, left)};
    run(List.of(), bodies);

    assertThatThrownBy(() -> run(List.of(new Preemption(0, 2, 1)), bodies))
        .isInstanceOf(StuckException.class)
        .hasMessageContaining("t1 (something) waits for the lock of right, which t2 holds")
        .hasMessageContaining("t2 (something) waits for the lock of left, which t1 holds");
  }

  private static void both(LockmgrLock first, LockmgrLock second) {
    first.lockExclusive();
    second.lockExclusive();
    second.unlock();
    first.unlock();
  }

  @Test
  void whoGoesRoundInCirclesLetsOthersOnAndIsReportedInTheEnd() {
    assertThatThrownBy(
            () ->
                run(
                    List.of(),
                    () -> {
                      while (true) {
                        turns.mayPreempt("polling");
                      }
                    },
                    steps("b")))
        .isInstanceOf(StuckException.class)
        .hasMessage("t1 (something) goes on");
    assertThat(log).containsExactly("b1", "b2", "b3");
  }

  @Test
  void anExceptionEndsAllThreads() {
    Runnable thrower =
        () -> {
          throw new IllegalStateException("broken");
        };

    assertThatThrownBy(
            () -> run(List.of(), () -> sleepQueue.sleep(this, "ever"), thrower, steps("c")))
        .hasMessage("broken");
    assertThat(log).isEmpty();
  }

  @Test
  void reliefLetsTheOwnerGoOn() {
    boolean[] free = new boolean[1];
    Turns relieved =
        new Turns(
            () -> {
              free[0] = true;
              return true;
            });

    assertThat(relieved.await(this, "memory", () -> free[0], false)).isTrue();
    assertThatThrownBy(() -> turns.await("memory", "vmwait", () -> false, false))
        .isInstanceOf(StuckException.class)
        .hasMessageEndingWith("sleeps on memory, vmwait");
  }
}
