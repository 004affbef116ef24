package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for an entry that another thread has in transition ({@code vment}). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InTransitionTest {

  private final MapKernel kernel = new MapKernel();

  private void mark(VmMap map, int from, int to) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      map.lock();
      kernel.vm.maps().clipping().clipRange(map, at(from), at(to), true, reservation);
      map.unlock();
    }
  }

  private void unmark(VmMap map, int from, int to) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      map.lock();
      kernel
          .vm
          .maps()
          .clipping()
          .unclipRange(map, map.lookupEntry(at(from)), at(from), at(to), reservation);
      map.unlock();
    }
  }

  /** The wakeup comes after the unlock and before the sleep: without an interlock it is lost. */
  @Test
  void aTransitionThatEndsBetweenTheUnlockAndTheSleepEndsTheWait() throws Exception {
    kernel.anonymous(0, 8);
    mark(kernel.map, 2, 4);
    AtomicInteger sleeps = new AtomicInteger();
    kernel
        .vm
        .sleepQueue()
        .observe(
            (channel, wmesg) -> {
              if (wmesg.equals("vment") && sleeps.getAndIncrement() == 0) {
                unmark(kernel.map, 2, 4);
              }
            });

    CompletableFuture<KernReturn> wire = CompletableFuture.supplyAsync(() -> kernel.wire(1, 5));

    assertThat(wire.get(30, TimeUnit.SECONDS)).isEqualTo(KernReturn.SUCCESS);

    assertThat(sleeps).hasValue(1);
    kernel.check();
  }

  @Test
  void aWaiterSleepsUntilTheTransitionEndsAndThenProceeds() throws Exception {
    kernel.anonymous(0, 8);
    mark(kernel.map, 2, 4);
    long waits = kernel.counter(VmCounter.INTRANS_WAIT);
    CompletableFuture<KernReturn> wire = CompletableFuture.supplyAsync(() -> kernel.wire(0, 6));
    awaitSleeper();
    assertThat(kernel.counter(VmCounter.INTRANS_WAIT)).isEqualTo(waits + 1);
    assertThat(kernel.entry(0).has(EntryFlags.IN_TRANSITION)).as("marks are undone").isFalse();

    unmark(kernel.map, 2, 4);

    assertThat(wire.get(30, TimeUnit.SECONDS)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("0-6 6-8");
    kernel.check();
  }

  @Test
  void deletionWaitsAndDoesNotDeleteVacatedSpaceAgain() throws Exception {
    kernel.anonymous(0, 8);
    mark(kernel.map, 4, 6);
    CompletableFuture<Void> remove = CompletableFuture.runAsync(() -> kernel.remove(2, 8));
    awaitSleeper();
    assertThat(kernel.layout()).isEqualTo("0-2 4-6 6-8");

    // What is mapped meanwhile where the deletion has been already must survive it.
    kernel.backed(2, 4, 0);
    unmark(kernel.map, 4, 6);

    remove.get(30, TimeUnit.SECONDS);
    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
    kernel.check();
  }

  /**
   * Clipped before each wait and merged by the other thread after it, the entry would take one of
   * the four entries that a deletion has every time.
   */
  @Test
  void howeverOftenDeletionWaitsItNeedsNoMoreEntries() {
    kernel.anonymous(0, 8);
    mark(kernel.map, 0, 8);
    AtomicInteger sleeps = new AtomicInteger();
    kernel
        .vm
        .sleepQueue()
        .observe(
            (channel, wmesg) -> {
              unmark(kernel.map, 0, 8);
              if (sleeps.incrementAndGet() < 6) {
                mark(kernel.map, 0, 8);
              }
            });

    kernel.remove(2, 4);

    assertThat(sleeps).hasValue(6);
    assertThat(kernel.layout()).isEqualTo("0-2 4-8");
    kernel.check();
  }

  @Test
  void aForkWaitsSoThatNoChildInheritsTheTransition() throws Exception {
    kernel.anonymous(0, 8);
    mark(kernel.map, 4, 6);
    CompletableFuture<VmSpace> fork =
        CompletableFuture.supplyAsync(() -> kernel.spaces.fork(kernel.space));
    awaitSleeper();

    unmark(kernel.map, 4, 6);

    VmSpace child = fork.get(30, TimeUnit.SECONDS);
    assertThat(MapKernel.entry(child.map(), 4).eflags() & EntryFlags.IN_TRANSITION).isZero();
    kernel.check();
  }

  private void awaitSleeper() {
    while (kernel.vm.sleepQueue().sleepersOn(kernel.map) != 1) {
      Thread.onSpinWait();
    }
  }
}
