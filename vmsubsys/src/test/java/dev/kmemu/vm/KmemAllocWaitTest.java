package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code kmem_alloc_wait} and {@code kmem_free_wakeup} in a submap of four pages. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KmemAllocWaitTest {

  private static final int PAGES = 4;

  private final TestKernel kernel = TestKernel.small();
  private final KmemSubmap submap =
      kernel.vm.kmem().suballoc(kernel.map(), "exec_map", PAGES * PAGE);
  private final VmMap map = submap.map();
  private final ExecutorService executor = Executors.newCachedThreadPool();

  @AfterEach
  void check() {
    executor.shutdownNow();
    kernel.check();
  }

  private long allocWait(long pages) {
    return kernel.vm.kmem().allocWait(map, pages * PAGE).orThrow().value();
  }

  private Future<Long> waiter(long pages) {
    return executor.submit(() -> allocWait(pages));
  }

  private void awaitSleepers(int count) {
    while (kernel.vm.sleepQueue().sleepersOn(map) != count) {
      Thread.onSpinWait();
    }
  }

  private void freeWakeup(long va, long pages) {
    kernel.vm.kmem().freeWakeup(map, new VirtualAddress(va), pages * PAGE);
  }

  @Test
  void withRoomItReturnsARangeWithoutPages() {
    var before = kernel.vm.reports().counters();

    long va = allocWait(2);

    VmMapEntry entry = map.first();
    assertThat(va).isEqualTo(submap.min().value());
    assertThat(entry.object()).isNull();
    assertThat(entry.eflags()).isZero();
    assertThat(entry.wiredCount()).isZero();
    assertThat(map.size()).isEqualTo(2 * PAGE);
    assertThat(kernel.vm.reports().counters()).isEqualTo(before);
  }

  @Test
  void theWholeExtentOfAnEmptyMapIsGiven() {
    assertThat(allocWait(PAGES)).isEqualTo(submap.min().value());
  }

  @Test
  void onePageMoreThanTheExtentIsRefusedFullOrEmpty() {
    KmemResult refused = new KmemResult.LargerThanMap("exec_map", (PAGES + 1) * PAGE, PAGES * PAGE);

    assertThat(kernel.vm.kmem().allocWait(map, (PAGES + 1) * PAGE)).isEqualTo(refused);
    allocWait(PAGES);
    assertThat(kernel.vm.kmem().allocWait(map, (PAGES + 1) * PAGE)).isEqualTo(refused);
    assertThat(kernel.vm.sleepQueue().sleepersOn(map)).isZero();
  }

  @Test
  void aFragmentedMapIsWaitedForThoughItsFreePagesWouldDo() throws Exception {
    long va = allocWait(PAGES);
    freeWakeup(va, 1);
    freeWakeup(va + 2 * PAGE, 1);
    Future<Long> waiter = waiter(2);
    awaitSleepers(1);

    freeWakeup(va + PAGE, 1);

    assertThat(waiter.get(30, TimeUnit.SECONDS)).isEqualTo(va);
  }

  @Test
  void aPlainFreeWakesNobody() throws Exception {
    long va = allocWait(PAGES);
    Future<Long> waiter = waiter(1);
    awaitSleepers(1);

    kernel.vm.kmem().free(map, new VirtualAddress(va), PAGES * PAGE);

    assertThat(kernel.vm.sleepQueue().sleepersOn(map)).isEqualTo(1);
    assertThat(waiter.isDone()).isFalse();
    freeWakeup(va, 0);
    assertThat(waiter.get(30, TimeUnit.SECONDS)).isEqualTo(va);
  }

  /** Both look again, each locking the map; the one lock more is that of the free itself. */
  @Test
  void aWakeupThatFreedNothingStillReachesAll() throws Exception {
    long va = allocWait(PAGES);
    List<Future<Long>> waiters = new ArrayList<>(List.of(waiter(1), waiter(1)));
    awaitSleepers(2);
    int before = map.timestamp();

    freeWakeup(va + PAGES * PAGE, 0);

    while (map.timestamp() - before < 3) {
      Thread.onSpinWait();
    }
    awaitSleepers(2);
    assertThat(waiters).noneMatch(Future::isDone);
    freeWakeup(va, PAGES);
    for (Future<Long> waiter : waiters) {
      assertThat(waiter.get(30, TimeUnit.SECONDS)).isBetween(va, va + PAGE);
    }
  }

  @Test
  void oneWakeupServesAllWhoFit() throws Exception {
    long va = allocWait(PAGES);
    List<Future<Long>> waiters = List.of(waiter(1), waiter(1), waiter(1), waiter(1));
    awaitSleepers(PAGES);

    freeWakeup(va, PAGES);

    List<Long> addresses = new ArrayList<>();
    for (Future<Long> waiter : waiters) {
      addresses.add(waiter.get(30, TimeUnit.SECONDS));
    }
    assertThat(addresses).containsExactlyInAnyOrder(va, va + PAGE, va + 2 * PAGE, va + 3 * PAGE);
  }

  @Test
  void whoeverSleepsHasTheMapUnlocked() throws Exception {
    long va = allocWait(PAGES);
    Future<Long> waiter = waiter(PAGES);
    awaitSleepers(1);

    assertThat(kernel.vm.kmem().allocPageable(map, PAGE)).isInstanceOf(KmemResult.NoSpace.class);
    kernel.check();

    freeWakeup(va, PAGES);
    assertThat(waiter.get(30, TimeUnit.SECONDS)).isEqualTo(va);
  }
}
