package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one scan of the queues takes and what it leaves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageoutScanTest {

  private static TestKernel kernelWithSwap(int pages) {
    return TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(pages));
  }

  @Test
  void aReferencedPageSurvivesAScanAndAnIdleOneDoesNot() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 2);
    memory.read(0);
    memory.read(1);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().deactivate(memory.page(0));
          kernel.vm.pageState().deactivate(memory.page(1));
        });
    memory.forgetUse(2);
    memory.read(1);

    kernel.scanFor(100);

    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.CACHE + memory.page(0).color());
    assertThat(memory.page(1).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(memory.page(1).activity()).as("INIT + ADVANCE + a reference - DECLINE").isEqualTo(8);
    kernel.check();
  }

  @Test
  void anActivePageAgesUntilItIsTaken() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.read(0);
    memory.forgetUse(1);
    for (int expected = 4; expected > 0; expected--) {
      kernel.scanFor(10);
      assertThat(memory.page(0).activity()).isEqualTo(expected);
      assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    }

    kernel.scanFor(10);

    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.CACHE + memory.page(0).color());
    kernel.check();
  }

  @Test
  void useThatOnlyThePageTablesKnowOfKeepsAPageActive() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.read(0);
    for (int i = 0; i < 30; i++) {
      memory.read(0);
      kernel.scanFor(10);
    }

    assertThat(memory.page(0).activity()).as("ACT_MAX").isEqualTo(64);
    assertThat(kernel.vm.pmap().tables().pte(memory.va(0)) & PteBits.A).isZero();
    kernel.check();
  }

  @Test
  void heldBusyAndWiredPagesAreLeftAlone() {
    TestKernel kernel = kernelWithSwap(10);
    PageableMemory memory = new PageableMemory(kernel, 3);
    for (int i = 0; i < 3; i++) {
      memory.write(i, i + 1);
      int page = i;
      kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(page)));
    }
    memory.forgetUse(3);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().hold(memory.page(0));
          kernel.vm.pageState().busy(memory.page(1));
          kernel.vm.pageState().wire(memory.page(2));
        });

    for (int i = 0; i < 10; i++) {
      kernel.scanFor(100);
    }

    for (int i = 0; i < 3; i++) {
      assertThat(memory.isMapped(i)).as("page %d", i).isTrue();
    }
    kernel.inVm(
        () -> {
          kernel.vm.allocator().unhold(memory.page(0));
          kernel.vm.pageState().wakeup(memory.page(1));
          kernel.vm.pageState().unwire(memory.page(2), false);
        });
    kernel.scanFor(100);
    kernel.scanFor(100);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(3);
    kernel.check();
  }

  @Test
  void aDirtyPageIsWrittenOnItsSecondWayRoundTheQueue() {
    TestKernel kernel = kernelWithSwap(10);
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.write(0, 1);
    kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
    memory.forgetUse(1);

    kernel.scanFor(5);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isZero();
    kernel.scanFor(5);

    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(1);
    VmPage page = memory.page(0);
    assertThat(page.dirty()).isZero();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.CACHE + page.color());
    kernel.check();
  }

  /** Makes all pages dirty, and used as much as counts. */
  private static PageableMemory busyWriter(TestKernel kernel, int pages) {
    PageableMemory memory = new PageableMemory(kernel, pages);
    for (int round = 0; round < 30; round++) {
      for (int i = 0; i < pages; i++) {
        memory.write(i, i);
      }
      kernel.scanFor(1);
    }
    assertThat(memory.page(0).activity()).as("ACT_MAX").isEqualTo(64);
    return memory;
  }

  private static long visitsOfARunBelowTheMinimum(TestKernel kernel) {
    long before = kernel.counter(VmCounter.PDPAGES);
    kernel.inVm(
        () -> {
          kernel.vm.stats().set(VmCounter.FREE_MIN, Integer.MAX_VALUE);
          kernel.vm.stats().set(VmCounter.FREE_TARGET, Integer.MAX_VALUE);
        });
    kernel.scanFor(1);
    return kernel.counter(VmCounter.PDPAGES) - before;
  }

  @Test
  void aRunDoesNotGoRoundAgainForDirtyPagesWithoutAPlaceToGo() {
    for (TestKernel kernel : List.of(TestKernel.small(), kernelWithSwap(1))) {
      PageableMemory full = new PageableMemory(kernel, 1);
      full.write(0, 1);
      full.forgetUse(1);
      kernel.inVm(() -> kernel.vm.pageState().deactivate(full.page(0)));
      kernel.scanFor(1);
      kernel.scanFor(1);
      PageableMemory memory = busyWriter(kernel, 50);

      assertThat(visitsOfARunBelowTheMinimum(kernel)).isLessThan(3 * 50);

      assertThat(memory.page(0).activity()).isGreaterThan(60);
      kernel.check();
    }
  }

  @Test
  void aRunGoesRoundUntilPagesThatCanBeWrittenOutAreOldEnough() {
    TestKernel kernel = kernelWithSwap(100);
    busyWriter(kernel, 50);

    assertThat(visitsOfARunBelowTheMinimum(kernel)).isGreaterThan(30 * 50);

    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(50);
    kernel.check();
  }

  @Test
  void theDeficitIsHonouredAndCleared() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 8);
    for (int i = 0; i < 8; i++) {
      memory.read(i);
      int page = i;
      kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(page)));
    }
    memory.forgetUse(8);
    kernel.scanFor(5);

    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(5);
    assertThat(kernel.counter(VmCounter.PAGEOUT_DEFICIT)).isZero();
    kernel.check();
  }

  @Test
  void aPageWhoseObjectEndedWhileItWasWiredIsFreed() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.write(0, 9);
    VmPage page = memory.page(0);
    kernel.inVm(() -> kernel.vm.pageState().wire(page));
    kernel.vm.kmem().free(memory.submap.map(), memory.submap.min(), TestKernel.PAGE);
    kernel.inVm(() -> kernel.vm.pageState().unwire(page, false));
    assertThat(page.owner()).isNull();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.INACTIVE);

    kernel.scanFor(5);

    assertThat(page.queue()).isEqualTo(PageQueueIndex.FREE + page.color());
    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    kernel.check();
  }

  @Test
  void cachedPagesAreFreedForThoseWhoMayNotTakeThem() {
    TestKernel kernel = TestKernel.small();
    PageableMemory memory = new PageableMemory(kernel, 3);
    for (int i = 0; i < 3; i++) {
      memory.read(i);
      VmPage page = memory.page(i);
      kernel.inVm(() -> kernel.vm.paging().reclaim().tryToCache(page));
    }
    long free = kernel.counter(VmCounter.FREE_COUNT);
    kernel.inVm(
        () -> {
          kernel.vm.stats().set(VmCounter.FREE_MIN, free + 2);
          kernel.vm.stats().set(VmCounter.FREE_TARGET, free + 2);
        });

    kernel.scanFor(0);

    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free + 2);
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(2);
    kernel.check();
  }
}
