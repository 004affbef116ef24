package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who sleeps for memory, and what wakes them. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShortageTest {

  private static final int PAGES = 400;

  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  @AfterEach
  void stopThreads() {
    executor.shutdownNow();
  }

  /** Dirties all of {@code memory}, then wires nearly all that is left. */
  private static long fill(TestKernel kernel, PageableMemory memory) {
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i + 1);
    }
    long usable = kernel.counter(VmCounter.FREE_COUNT) + kernel.counter(VmCounter.CACHE_COUNT);
    long left = usable - kernel.counter(VmCounter.FREE_RESERVED);
    return kernel.alloc((left - 10) * PAGE);
  }

  private Future<Long> allocElsewhere(TestKernel kernel, int pages) {
    return executor.submit(() -> kernel.alloc(pages * PAGE));
  }

  private static void awaitSleeper(TestKernel kernel) {
    while (kernel.vm.sleepQueue().sleepersOn(kernel.vm.shortage().channel()) != 1) {
      Thread.onSpinWait();
    }
  }

  private static void assertAllThere(PageableMemory memory) {
    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).isEqualTo(i + 1);
    }
  }

  @Test
  void withoutSwapDirtyPagesStayAndTheWaiterSleepsUntilPagesAreFreed() throws Exception {
    TestKernel kernel = TestKernel.withRam(8 * MIB);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    long filler = fill(kernel, memory);
    Future<Long> waiter = allocElsewhere(kernel, 50);
    awaitSleeper(kernel);
    assertThat(memory.object().residentPageCount()).isEqualTo(PAGES);
    long runs = kernel.counter(VmCounter.PDWAKEUPS);
    assertThat(kernel.vm.sleepQueue().sleepersOn(kernel.vm.shortage().channel())).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.PDWAKEUPS)).as("it doesn't spin").isEqualTo(runs);

    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(filler), 200 * PAGE);

    waiter.get(30, TimeUnit.SECONDS);
    assertAllThere(memory);
    kernel.check();
  }

  @Test
  void withFullSwapTheWaiterSleepsUntilSwapIsFreed() throws Exception {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(PAGES));
    PageableMemory inSwap = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      inSwap.write(i, -i);
    }
    for (int i = 0; i < 20; i++) {
      inSwap.forgetUse(PAGES);
      kernel.scanFor(2 * PAGES);
    }
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    fill(kernel, memory);
    Future<Long> waiter = allocElsewhere(kernel, PAGES / 2);
    awaitSleeper(kernel);

    kernel.vm.kmem().free(inSwap.submap.map(), inSwap.submap.min(), PAGES * PAGE);

    waiter.get(30, TimeUnit.SECONDS);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isGreaterThan(PAGES);
    kernel.check();
  }

  @Test
  void aFaultOnACachePageWaitsWhilePagesAreSeverelyShort() throws Exception {
    TestKernel kernel = TestKernel.withRam(8 * MIB);
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.read(0);
    VmPage page = memory.page(0);
    kernel.inVm(() -> kernel.vm.paging().reclaim().tryToCache(page));
    long severe = kernel.counter(VmCounter.FREE_SEVERE);
    kernel.inVm(() -> kernel.vm.stats().set(VmCounter.FREE_SEVERE, Integer.MAX_VALUE));
    Future<KernReturn> fault = executor.submit(() -> memory.fault(0, VmProt.READ));
    awaitSleeper(kernel);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(page.isBusy()).isFalse();

    kernel.inVm(
        () -> {
          kernel.vm.stats().set(VmCounter.FREE_SEVERE, severe);
          kernel.vm.shortage().poke();
        });

    assertThat(fault.get(30, TimeUnit.SECONDS)).isEqualTo(KernReturn.SUCCESS);
    assertThat(memory.page(0)).isSameAs(page);
    assertThat(memory.isMapped(0)).isTrue();
    kernel.check();
  }

  @Test
  void aPageThatIsNoLongerWiredWakesTheWaiter() throws Exception {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(4 * PAGES));
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    wireOrNot(kernel, memory, 0);
    fill(kernel, memory);
    Future<Long> waiter = allocElsewhere(kernel, 100);
    awaitSleeper(kernel);

    wireOrNot(kernel, memory, MapWiring.KM_PAGEABLE);

    waiter.get(30, TimeUnit.SECONDS);
    kernel.check();
  }

  private static void wireOrNot(TestKernel kernel, PageableMemory memory, int flags) {
    kernel.vm.maps().wiring().wire(memory.submap.map(), memory.va(0), memory.va(PAGES), flags);
  }

  @Test
  void aPageThatIsNoLongerHeldWakesTheWaiter() throws Exception {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(4 * PAGES));
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    fill(kernel, memory);
    kernel.inVm(
        () -> {
          for (int i = 0; i < PAGES; i++) {
            kernel.vm.pageState().hold(memory.page(i));
          }
        });
    Future<Long> waiter = allocElsewhere(kernel, 100);
    awaitSleeper(kernel);

    kernel.inVm(
        () -> {
          for (int i = 0; i < PAGES; i++) {
            kernel.vm.allocator().unhold(memory.page(i));
          }
        });

    waiter.get(30, TimeUnit.SECONDS);
    kernel.check();
  }

  @Test
  void aPageThatIsNoLongerBusyWakesTheWaiter() throws Exception {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(4 * PAGES));
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    fill(kernel, memory);
    kernel.inVm(
        () -> {
          for (int i = 0; i < PAGES; i++) {
            kernel.vm.pageState().busy(memory.page(i));
          }
        });
    Future<Long> waiter = allocElsewhere(kernel, 100);
    awaitSleeper(kernel);

    kernel.inVm(
        () -> {
          for (int i = 0; i < PAGES; i++) {
            kernel.vm.pageState().wakeup(memory.page(i));
          }
        });

    waiter.get(30, TimeUnit.SECONDS);
    kernel.check();
  }

  @Test
  void twoThreadsThatFaultMoreThanThereIsBothFinish() throws Exception {
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(8000));
    PageableMemory mine = new PageableMemory(kernel, 2000);
    PageableMemory theirs = new PageableMemory(kernel, 2000);
    Future<?> other =
        executor.submit(
            () -> {
              for (int i = 0; i < 2000; i++) {
                theirs.fault(i, VmProt.WRITE);
              }
            });
    for (int i = 0; i < 2000; i++) {
      mine.fault(i, VmProt.WRITE);
    }

    other.get(50, TimeUnit.SECONDS);
    kernel.check();
  }

  @Test
  void whoeverDoesTheDaemonsWorkMayUseTheReserveMeanwhile() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.read(0);
    VmPage page = memory.page(0);
    PageShortage shortage = new PageShortage(kernel.vm.stats(), kernel.vm.sleepQueue());
    List<Boolean> systemThread = new ArrayList<>();
    shortage.start(
        () -> {
          systemThread.add(LwktThread.current().isSystemThread());
          return kernel.vm.paging().reclaim().tryToFree(page);
        });

    kernel.inVm(() -> shortage.waitForPages("vmwait"));

    systemThread.add(LwktThread.current().isSystemThread());
    assertThat(systemThread).containsExactly(true, false);
    kernel.check();
  }
}
