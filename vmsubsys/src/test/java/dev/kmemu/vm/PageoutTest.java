package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread that needs more memory than there is makes its own room. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageoutTest {

  private static final int RAM_MIB = 8;
  private static final int PAGES = 3000;

  private static TestKernel kernelWithSwap(int pages) {
    return TestKernel.withSwap(RAM_MIB * MIB, new SwapConfig.Memory(pages));
  }

  /** Runs the daemon as if pages were short, whatever there is. */
  private static void scanFor(TestKernel kernel, int pages) {
    kernel.inVm(
        () -> {
          long usable = kernel.vm.stats().freeAndCache();
          long target = kernel.vm.stats().get(VmCounter.FREE_TARGET);
          kernel.vm.stats().set(VmCounter.CACHE_MIN, usable - target + pages);
          kernel.vm.paging().pageout().run();
        });
  }

  @Test
  void readersOfMoreMemoryThanThereIsGetCleanPagesBack() {
    TestKernel kernel = TestKernel.withRam(RAM_MIB * MIB);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).isZero();
    }

    assertThat(memory.object().residentPageCount()).isLessThan(PAGES);
    assertThat(kernel.counter(VmCounter.PDWAKEUPS)).isPositive();
    assertThat(kernel.counter(VmCounter.PDPAGES)).isPositive();
    assertThat(memory.object().type()).isEqualTo(ObjectType.DEFAULT);
    kernel.check();
  }

  @Test
  void writersOfMoreMemoryThanThereIsFindItAllInSwap() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i * 31L + 7);
    }
    kernel.check();

    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).as("page %d", i).isEqualTo(i * 31L + 7);
    }

    assertThat(memory.object().type())
        .as("converted by the first pageout")
        .isEqualTo(ObjectType.SWAP);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isPositive();
    assertThat(kernel.counter(VmCounter.SWAPIN)).isPositive();
    kernel.check();
  }

  @Test
  void wiredAllocationsTakeThePagesOfOthers() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, 1000);
    for (int i = 0; i < 1000; i++) {
      memory.write(i, i);
    }
    long usable = kernel.counter(VmCounter.FREE_COUNT);
    long va = kernel.alloc((usable + 500) * TestKernel.PAGE);

    assertThat(kernel.wiredCount()).isEqualTo(usable + 500);
    kernel.check();
    kernel.free(va, (usable + 500) * TestKernel.PAGE);
    for (int i = 0; i < 1000; i++) {
      assertThat(memory.read(i)).isEqualTo(i);
    }
    kernel.check();
  }

  @Test
  void aPageThatIsWrittenAgainGoesToTheSameSlot() {
    TestKernel kernel = kernelWithSwap(1);
    PageableMemory memory = new PageableMemory(kernel, 2);
    for (int round = 1; round < 5; round++) {
      memory.write(0, round);
      memory.forgetUse(1);
      kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
      scanFor(kernel, 1);
      scanFor(kernel, 1);
      assertThat(memory.isMapped(0)).isFalse();
      assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(round);
      kernel.inVm(() -> kernel.vm.paging().reclaim().tryToFree(memory.page(0)));
      assertThat(memory.read(0)).isEqualTo(round);
    }
    kernel.check();
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

    scanFor(kernel, 100);

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
      scanFor(kernel, 10);
      assertThat(memory.page(0).activity()).isEqualTo(expected);
      assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    }

    scanFor(kernel, 10);

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
      scanFor(kernel, 10);
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
      scanFor(kernel, 100);
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
    scanFor(kernel, 100);
    scanFor(kernel, 100);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(3);
    kernel.check();
  }

  @Test
  void wiredKernelMemoryIsNeverTaken() {
    TestKernel kernel = kernelWithSwap(PAGES);
    long va = kernel.alloc(50 * TestKernel.PAGE);
    kernel.write(va, 0xABCD);

    for (int i = 0; i < 10; i++) {
      scanFor(kernel, 10_000);
    }

    assertThat(kernel.wiredCount()).isEqualTo(50);
    assertThat(kernel.read(va)).isEqualTo(0xABCD);
    kernel.check();
  }

  @Test
  void aDirtyPageIsWrittenOnItsSecondWayRoundTheQueue() {
    TestKernel kernel = kernelWithSwap(10);
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.write(0, 1);
    kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
    memory.forgetUse(1);

    scanFor(kernel, 5);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isZero();
    scanFor(kernel, 5);

    assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(1);
    VmPage page = memory.page(0);
    assertThat(page.dirty()).isZero();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.CACHE + page.color());
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
    kernel.inVm(() -> kernel.vm.stats().set(VmCounter.PAGEOUT_DEFICIT, 5));

    kernel.inVm(() -> kernel.vm.paging().pageout().run());

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

    scanFor(kernel, 5);

    assertThat(page.queue()).isEqualTo(PageQueueIndex.FREE + page.color());
    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    kernel.check();
  }

  @Test
  void swapOfFreedMemoryIsFree() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i);
    }
    assertThat(Objects.requireNonNull(kernel.vm.paging().pagers().swap()).pagesInUse())
        .isPositive();

    kernel.vm.kmem().free(memory.submap.map(), memory.submap.min(), PAGES * TestKernel.PAGE);

    assertThat(Objects.requireNonNull(kernel.vm.paging().pagers().swap()).pagesInUse()).isZero();
    kernel.check();
  }

  @Test
  void aReadFaultOfAPageInSwapIsCleanUntilItIsWritten() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i);
    }
    int out = 0;
    while (memory.object().residentPage(out) != null) {
      out++;
    }

    assertThat(memory.fault(out, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(memory.page(out).dirty()).isZero();
    kernel.check();
  }
}
