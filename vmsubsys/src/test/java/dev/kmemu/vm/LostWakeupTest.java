package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.SleepObserver;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.map.VmMap;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wakeups placed exactly between a waiter's last look and its sleep. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostWakeupTest {

  private final TestKernel kernel = TestKernel.small();
  private final VmMap map = kernel.vm.kmem().suballoc(kernel.map(), "pager_map", 4 * PAGE).map();
  private final VirtualAddress min = new VirtualAddress(map.min());
  private final Watchdog watchdog = new Watchdog(kernel.vm, Duration.ofSeconds(5));

  /** Runs {@code action} in the window of the first sleep with {@code wmesg}, once. */
  private AtomicInteger inTheWindow(String wmesg, Runnable action) {
    AtomicInteger sleeps = new AtomicInteger();
    SleepObserver observer =
        (channel, why) -> {
          if (why.equals(wmesg) && sleeps.getAndIncrement() == 0) {
            action.run();
          }
        };
    kernel.vm.sleepQueue().observe(observer);
    return sleeps;
  }

  @Test
  void freeWakeupBetweenTheUnlockAndTheSleepOfAllocWaitIsNotLost() throws Exception {
    kernel.vm.kmem().allocPageable(map, 4 * PAGE).orThrow();
    AtomicInteger sleeps =
        inTheWindow("kmaw", () -> kernel.vm.kmem().freeWakeup(map, min, 4 * PAGE));

    watchdog.start("waiter", () -> kernel.vm.kmem().allocWait(map, PAGE).orThrow());
    watchdog.join();

    assertThat(sleeps).as("sleeps of the waiter").hasValue(1);
    assertThat(map.size()).isEqualTo(PAGE);
    kernel.check();
  }

  @Test
  void theEndOfATransitionBetweenTheUnlockAndTheSleepIsNotLost() throws Exception {
    kernel.vm.kmem().allocPageable(map, 4 * PAGE).orThrow();
    CountDownLatch wired = new CountDownLatch(1);
    AtomicInteger sleeps = inTheWindow("vment", () -> await(wired));
    Token token = kernel.vm.tokens().vm();
    token.get();
    watchdog.start(
        "wirer",
        () -> {
          kernel.vm.maps().wiring().wire(map, map.min(), map.max(), 0);
          wired.countDown();
        });
    while (token.waiters().isEmpty()) {
      Thread.onSpinWait();
    }
    // The entry is in transition. The remover gets the map before the wirer's faults do.
    watchdog.start("remover", () -> kernel.vm.maps().removal().remove(map, map.min(), map.max()));
    while (map.lockHolders().waiters().isEmpty()) {
      Thread.onSpinWait();
    }
    token.release();

    watchdog.join();

    assertThat(sleeps).as("sleeps of the remover").hasValue(1);
    assertThat(map.nentries()).isZero();
    kernel.check();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aPlainFreeWakesNobody() throws Exception {
    kernel.vm.kmem().allocPageable(map, 4 * PAGE).orThrow();
    AtomicInteger sleeps = inTheWindow("kmaw", () -> {});
    watchdog.start("waiter", () -> kernel.vm.kmem().allocWait(map, PAGE).orThrow());
    awaitSleeper();

    kernel.vm.kmem().free(map, min, 2 * PAGE);

    // A wakeup takes the sleeper off its queue at once, so nobody needs to be waited for.
    assertThat(kernel.vm.sleepQueue().sleepersOn(map)).isEqualTo(1);
    assertThat(sleeps).hasValue(1);

    kernel.vm.kmem().freeWakeup(map, min, PAGE);
    watchdog.join();
    kernel.check();
  }

  @Test
  void freeWakeupOfNothingWakesAllWhoThenSleepAgain() throws Exception {
    kernel.vm.kmem().allocPageable(map, 4 * PAGE).orThrow();
    AtomicInteger sleeps = inTheWindow("kmaw", () -> {});
    watchdog.start("waiter", () -> kernel.vm.kmem().allocWait(map, PAGE).orThrow());
    awaitSleeper();

    kernel.vm.kmem().freeWakeup(map, new VirtualAddress(map.max()), PAGE);
    while (sleeps.get() != 2) {
      Thread.onSpinWait();
    }
    awaitSleeper();

    kernel.vm.kmem().freeWakeup(map, min, PAGE);
    watchdog.join();
    assertThat(sleeps).hasValue(2);
  }

  private void awaitSleeper() {
    while (kernel.vm.sleepQueue().sleepersOn(map) == 0) {
      Thread.onSpinWait();
    }
  }
}
