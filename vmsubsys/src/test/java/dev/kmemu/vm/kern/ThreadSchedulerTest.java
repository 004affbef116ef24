package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The primitives that can block ask the kernel's scheduler and never the JVM. */
class ThreadSchedulerTest {

  private final List<String> asked = new ArrayList<>();
  private Runnable others = () -> {};

  private final ThreadScheduler scheduler =
      new ThreadScheduler() {
        @Override
        public void mayPreempt(String where) {
          asked.add(where);
        }

        @Override
        public boolean await(
            Object channel, String wmesg, BooleanSupplier isOver, boolean limited) {
          asked.add("wait for " + channel + ", " + wmesg);
          others.run();
          return isOver.getAsBoolean();
        }
      };

  private void onAnotherThread(Runnable action) throws InterruptedException {
    Thread thread = new Thread(action);
    thread.start();
    thread.join();
  }

  @Test
  void aTokenIsAPointWhenItIsTakenFirstAndGivenUpLast() {
    Token token = VmTokens.create(scheduler).vm();

    token.get();
    token.get();
    token.release();
    token.release();

    assertThat(asked).containsExactly("lwkt_gettoken", "lwkt_reltoken");
  }

  @Test
  void aLockThatIsHeldIsWaitedForUntilItsHolderReleasesIt() throws InterruptedException {
    LockmgrLock lock = new LockmgrLock("thrd_sleep", "a map", scheduler);
    onAnotherThread(lock::lockShared);
    List<String> waited = new ArrayList<>();
    others =
        () -> {
          lock.holders().waiters().forEach(waiter -> waited.add(waiter.request()));
          lock.unlock();
        };

    lock.lockExclusive();

    assertThat(waited).containsExactly("exclusive");
    assertThat(lock.isHeldExclusively()).isTrue();
    assertThat(asked)
        .containsExactly(
            "lockmgr: shared",
            "lockmgr: exclusive",
            "wait for a map, thrd_sleep",
            "lockmgr: release");
  }

  @Test
  void aSleepEndsByAWakeupAndNotBefore() {
    SleepQueue queue = new SleepQueue(new PanicState(), scheduler);
    others = () -> queue.wakeup("channel");
    assertThat(queue.tsleep("channel", 0, "why", 0)).isEqualTo(SleepOutcome.WOKEN);

    others = () -> {};
    assertThat(queue.tsleep("channel", 0, "why", 1)).isEqualTo(SleepOutcome.TIMED_OUT);

    assertThat(queue.sleepersOn("channel")).isZero();
    assertThat(asked)
        .containsExactly(
            "tsleep", "wait for channel, why", "wakeup", "tsleep", "wait for channel, why");
  }
}
