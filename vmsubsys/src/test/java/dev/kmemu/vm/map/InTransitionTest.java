package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.VmCounter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waiting for an entry that another thread has in transition ({@code vment}). */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InTransitionTest {

  private final MapKernel kernel = new MapKernel();

  /** Lets something happen at the first moment at which a waiting thread has unlocked the map. */
  private static final class HookedLock extends LockmgrLock {
    private volatile @Nullable Thread victim;
    private final CountDownLatch unlocked = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    HookedLock() {
      super("thrd_sleep");
    }

    @Override
    public void unlock() {
      super.unlock();
      if (Thread.currentThread() == victim && unlocked.getCount() != 0) {
        unlocked.countDown();
        await(goOn);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

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

  private VmMap hooked(HookedLock lock) {
    VmMap map = new VmMap("hooked", at(0), at(MapKernel.PAGES), kernel.vm.pmap(), lock);
    assertThat(kernel.insert(map, MapKernel.mapping(null, 0, 0), at(0), at(8)))
        .isEqualTo(KernReturn.SUCCESS);
    return map;
  }

  /** The wakeup comes after the unlock and before the sleep: without an interlock it is lost. */
  @Test
  void aWakeupBetweenTheUnlockAndTheSleepEndsTheWait() throws Exception {
    HookedLock lock = new HookedLock();
    VmMap map = hooked(lock);
    mark(map, 2, 4);
    CompletableFuture<KernReturn> wire =
        CompletableFuture.supplyAsync(
            () -> {
              lock.victim = Thread.currentThread();
              return kernel.vm.maps().wiring().wire(map, at(1), at(5), 0);
            });
    await(lock.unlocked);
    assertThat(MapKernel.entry(map, 2).has(EntryFlags.NEEDS_WAKEUP)).isTrue();

    unmark(map, 2, 4);
    lock.goOn.countDown();

    assertThat(wire.get(30, TimeUnit.SECONDS)).isEqualTo(KernReturn.SUCCESS);
    kernel.vm.maps().removal().remove(map, at(0), at(8));
    kernel.check();
  }

  /** The same window of {@code kmem_alloc_wait}, whose waiters share the channel. */
  @Test
  void aWakeupBetweenTheUnlockAndTheSleepEndsTheWaitForSpace() throws Exception {
    HookedLock lock = new HookedLock();
    VmMap map = hooked(lock);
    map.setSystemMap();
    kernel.insert(map, MapKernel.mapping(null, 0, 0), at(8), at(MapKernel.PAGES));
    CompletableFuture<VirtualAddress> alloc =
        CompletableFuture.supplyAsync(
            () -> {
              lock.victim = Thread.currentThread();
              return kernel.vm.kmem().allocWait(map, 4 * MapKernel.PAGE).orThrow();
            });
    await(lock.unlocked);

    kernel.vm.kmem().freeWakeup(map, new VirtualAddress(at(2)), 4 * MapKernel.PAGE);
    lock.goOn.countDown();

    assertThat(alloc.get(30, TimeUnit.SECONDS)).isEqualTo(new VirtualAddress(at(2)));
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
