package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many pages of the active queue one scan lets go, and which. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageoutAgingTest {

  private static final int PAGES = 16;

  /** A page that nobody uses is let go by the fifth scan. */
  private static final int SCANS_BEFORE = 4;

  private final TestKernel kernel = TestKernel.small();
  private final PageableMemory memory = new PageableMemory(kernel, PAGES);

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void inactiveTarget(int pages) {
    kernel.inVm(() -> kernel.vm.stats().set(VmCounter.INACTIVE_TARGET, pages));
  }

  /** Makes the first pages ready to be let go by the next scan. */
  private void age(int pages) {
    for (int i = 0; i < pages; i++) {
      memory.read(i);
    }
    memory.forgetUse(pages);
    for (int i = 0; i < SCANS_BEFORE; i++) {
      kernel.scanFor(pages + 1);
    }
    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).isEqualTo(pages);
    assertThat(memory.page(0).activity()).isEqualTo(1);
  }

  @Test
  void withoutAShortageAFifthOfTheInactiveTargetIsTheMostThatOneScanMoves() {
    age(PAGES);
    inactiveTarget(10);

    kernel.scanFor(0);

    assertThat(kernel.counter(VmCounter.INACTIVE_COUNT)).isEqualTo(2);
    assertThat(memory.isMapped(0)).as("who uses it again needs no fault").isTrue();
  }

  @Test
  void withoutAShortageTheInactiveQueueIsFilledUpToItsTarget() {
    age(PAGES);
    inactiveTarget(11);

    for (int i = 0; i < PAGES; i++) {
      kernel.scanFor(0);
    }

    assertThat(kernel.counter(VmCounter.INACTIVE_COUNT)).isEqualTo(11);
    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).isEqualTo(PAGES - 11);
  }

  @Test
  void aShortageTakesOnlyAsManyPagesAsAreMissing() {
    age(PAGES);
    inactiveTarget(0);

    kernel.scanFor(3);

    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(3);
    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).isEqualTo(PAGES - 3);
  }

  @Test
  void inAShortageADirtyPageLosesItsMappingsAndWaitsToBeWrittenOut() {
    age(1);
    VmPage page = memory.page(0);
    kernel.inVm(() -> kernel.vm.pageState().dirty(page));
    inactiveTarget(0);

    kernel.scanFor(1);

    assertThat(page.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(page.isBusy()).isFalse();
    assertThat(memory.isMapped(0)).isFalse();
  }

  @Test
  void useThatWasNotedAndUseThatThePageTablesKnowOfBothCount() {
    memory.read(0);
    assertThat(memory.page(0).has(PageFlags.REFERENCED)).isTrue();

    kernel.scanFor(1);

    assertThat(memory.page(0).activity()).as("INIT + ADVANCE + both").isEqualTo(10);
    assertThat(memory.page(0).has(PageFlags.REFERENCED)).isFalse();
  }

  @Test
  void useOfAnInactivePageCountsTheSameAndIsForgotten() {
    memory.read(0);
    memory.read(1);
    inactiveTarget(0);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().deactivate(memory.page(0));
          kernel.vm.pageState().deactivate(memory.page(1));
          kernel.vm.pmap().mappings().clearReference(memory.page(1));
          memory.page(1).clearFlag(PageFlags.REFERENCED);
        });

    kernel.scanFor(1);

    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(memory.page(0).activity()).as("INIT + ADVANCE + both").isEqualTo(10);
    assertThat(memory.page(0).has(PageFlags.REFERENCED)).isFalse();
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.PDPAGES)).as("pages looked at").isEqualTo(2);
  }

  @Test
  void aBusyPageDoesNotHideThePagesBehindIt() {
    age(3);
    kernel.inVm(() -> kernel.vm.pageState().busy(memory.page(0)));
    inactiveTarget(0);

    kernel.scanFor(1);

    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(1);
    kernel.inVm(() -> kernel.vm.pageState().wakeup(memory.page(0)));
  }

  @Test
  void aHeldPageOfTheInactiveQueueDoesNotHideThePagesBehindIt() {
    memory.read(0);
    memory.read(1);
    memory.forgetUse(2);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().deactivate(memory.page(0));
          kernel.vm.pageState().deactivate(memory.page(1));
          kernel.vm.pageState().hold(memory.page(0));
        });

    kernel.scanFor(1);

    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(1);
    kernel.inVm(() -> kernel.vm.allocator().unhold(memory.page(0)));
  }

  @Test
  void aRunTellsWhetherBusyPagesWereInItsWay() {
    memory.read(0);
    assertThat(runFor(1)).isFalse();

    kernel.inVm(() -> kernel.vm.pageState().busy(memory.page(0)));
    assertThat(runFor(1)).isTrue();

    kernel.inVm(() -> kernel.vm.pageState().wakeup(memory.page(0)));
    assertThat(runFor(1)).isFalse();
  }

  private boolean runFor(int pages) {
    boolean[] obstacles = new boolean[1];
    kernel.inVm(
        () -> {
          kernel.vm.stats().set(VmCounter.PAGEOUT_DEFICIT, pages);
          obstacles[0] = kernel.vm.paging().pageout().run();
        });
    return obstacles[0];
  }

  @Test
  void pagesWhoseObjectsEndedAreFreedUntilEnoughAre() {
    VmPage[] pages = orphans(true);
    inactiveTarget(0);

    kernel.scanFor(1);

    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    assertThat(pages[0].queue()).isEqualTo(PageQueueIndex.FREE + pages[0].color());
    assertThat(pages[1].queue()).isEqualTo(PageQueueIndex.ACTIVE);
  }

  @Test
  void soAreThoseOfTheInactiveQueue() {
    VmPage[] pages = orphans(false);
    inactiveTarget(0);

    kernel.scanFor(1);

    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    assertThat(pages[1].queue()).isEqualTo(PageQueueIndex.INACTIVE);
  }

  /** Two pages whose object ended while they were wired, unwired since. */
  private VmPage[] orphans(boolean active) {
    memory.read(0);
    memory.read(1);
    VmPage[] pages = {memory.page(0), memory.page(1)};
    kernel.inVm(
        () -> {
          for (VmPage page : pages) {
            kernel.vm.pageState().wire(page);
          }
        });
    kernel.vm.kmem().free(memory.submap.map(), memory.submap.min(), PAGES * TestKernel.PAGE);
    kernel.inVm(
        () -> {
          for (VmPage page : pages) {
            kernel.vm.pageState().unwire(page, active);
          }
        });
    return pages;
  }

  @Test
  void aCachedPageThatIsHeldGoesBackToTheInactiveQueueInsteadOfBeingFreed() {
    memory.read(0);
    VmPage page = memory.page(0);
    kernel.inVm(
        () -> {
          kernel.vm.paging().reclaim().tryToCache(page);
          kernel.vm.pageState().hold(page);
          long free = kernel.vm.stats().get(VmCounter.FREE_COUNT);
          kernel.vm.stats().set(VmCounter.FREE_MIN, free + 1);
          kernel.vm.stats().set(VmCounter.FREE_TARGET, free + 1);
        });

    kernel.scanFor(0);

    assertThat(page.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(kernel.counter(VmCounter.DFREE)).isZero();
    kernel.inVm(() -> kernel.vm.allocator().unhold(page));
  }
}
