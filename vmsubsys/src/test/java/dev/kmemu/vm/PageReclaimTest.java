package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Caching and freeing, one page at a time. */
class PageReclaimTest {

  private final TestKernel kernel = TestKernel.small();
  private final PageableMemory memory = new PageableMemory(kernel, 600);
  private final PageState state = kernel.vm.pageState();
  private final PageReclaim reclaim = kernel.vm.paging().reclaim();
  private final PageAllocator allocator = kernel.vm.allocator();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void panics(Runnable body, String text) {
    assertThatThrownBy(() -> kernel.inVm(body))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith(text);
  }

  private VmPage cleanPage() {
    memory.read(0);
    return memory.page(0);
  }

  @Test
  void aCleanPageIsCachedUnmappedAndStillFoundByItsObject() {
    VmPage page = cleanPage();

    kernel.inVm(() -> assertThat(reclaim.tryToCache(page)).isTrue());

    assertThat(page.queue()).isEqualTo(PageQueueIndex.CACHE + page.color());
    assertThat(page.isBusy()).isFalse();
    assertThat(memory.isMapped(0)).isFalse();
    assertThat(memory.page(0)).isSameAs(page);
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(1);
  }

  @Test
  void aFaultTakesAPageBackFromTheCache() {
    memory.write(0, 77);
    VmPage page = memory.page(0);
    kernel.inVm(
        () -> {
          memory.clearPte(0, PteBits.M);
          reclaim.tryToCache(page);
        });

    assertThat(memory.read(0)).isEqualTo(77);
    assertThat(memory.page(0)).isSameAs(page);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.ACTIVE);
  }

  @Test
  void aPageThatOnlyTheCpuKnowsToBeDirtyIsNeitherCachedNorFreed() {
    memory.write(0, 5);
    VmPage page = memory.page(0);
    assertThat(page.dirty()).isZero();

    kernel.inVm(
        () -> {
          assertThat(reclaim.tryToCache(page)).isFalse();
          assertThat(reclaim.tryToFree(page)).isFalse();
        });

    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(page.isBusy()).isFalse();
    assertThat(memory.isMapped(0)).isTrue();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(memory.read(0)).isEqualTo(5);
  }

  /** As a CPU that writes right after the look at its M bit. */
  @Test
  void aWriteAfterTheLookAtTheDirtyBitsIsNotLost() {
    PageReclaim tooEarly =
        new PageReclaim(
            kernel.vm.stats(),
            kernel.vm.queues(),
            new PageState(
                kernel.vm.stats(),
                kernel.vm.queues(),
                kernel.vm.sleepQueue(),
                new MappingsBeforeTheWrite(kernel.vm.pmap().mappings()),
                kernel.vm.ram(),
                kernel.vm.shortage()),
            allocator,
            kernel.vm.shortage());
    memory.write(0, 5);
    memory.write(1, 6);
    kernel.inVm(
        () -> {
          assertThat(tooEarly.tryToFree(memory.page(0))).isFalse();
          assertThat(tooEarly.tryToCache(memory.page(1))).isFalse();
        });

    assertThat(memory.page(1).queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(memory.page(0).isBusy() || memory.page(1).isBusy()).isFalse();
    assertThat(memory.read(0)).isEqualTo(5);
    assertThat(memory.read(1)).isEqualTo(6);
  }

  private record MappingsBeforeTheWrite(PageMappings mappings) implements PageMappings {
    @Override
    public boolean isModified(VmPage page) {
      return false;
    }

    @Override
    public int tsReferenced(VmPage page) {
      return mappings.tsReferenced(page);
    }

    @Override
    public void removeAll(VmPage page) {
      mappings.removeAll(page);
    }

    @Override
    public void strip(VmPage page) {
      mappings.strip(page);
    }

    @Override
    public void protectRead(VmPage page) {
      mappings.protectRead(page);
    }

    @Override
    public void flush() {
      mappings.flush();
    }
  }

  @Test
  void aHeldWiredOrBusyPageIsNotTaken() {
    VmPage page = cleanPage();
    kernel.inVm(
        () -> {
          state.hold(page);
          assertThat(reclaim.tryToCache(page) || reclaim.tryToFree(page)).isFalse();
          allocator.unhold(page);
          state.busy(page);
          assertThat(reclaim.tryToCache(page) || reclaim.tryToFree(page)).isFalse();
          state.wakeup(page);
          state.wire(page);
          assertThat(reclaim.tryToCache(page) || reclaim.tryToFree(page)).isFalse();
          state.unwire(page, true);
        });

    assertThat(memory.page(0)).isSameAs(page);
  }

  @Test
  void aCleanPageIsFreed() {
    VmPage page = cleanPage();
    long free = kernel.counter(VmCounter.FREE_COUNT);

    kernel.inVm(() -> assertThat(reclaim.tryToFree(page)).isTrue());

    assertThat(page.owner()).isNull();
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free + 1);
    assertThat(kernel.counter(VmCounter.TFREE)).isEqualTo(1);
  }

  @Test
  void aPageIsDiscardedWithItsMappingsWhateverItHolds() {
    memory.write(0, 5);
    VmPage page = memory.page(0);
    long free = kernel.counter(VmCounter.FREE_COUNT);

    kernel.inVm(() -> reclaim.discard(page));

    assertThat(memory.isMapped(0)).isFalse();
    assertThat(page.owner()).isNull();
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free + 1);
    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    assertThat(memory.read(0)).as("in a new page").isZero();
  }

  @Test
  void aPageThatWasWrittenOutIsCleanAndBeginsItsNextRoundAnew() {
    VmPage page = cleanPage();
    kernel.inVm(
        () -> {
          state.dirty(page);
          page.setFlag(PageFlags.WINATCFLS);
          reclaim.undirty(page);
        });

    assertThat(page.dirty()).isZero();
    assertThat(page.has(PageFlags.WINATCFLS)).isFalse();
  }

  @Test
  void anOrdinaryAllocationTakesThePageFreedLastWhichClaimsNoZeroes() {
    VmPage page = cleanPage();
    kernel.inVm(
        () -> {
          assertThat(reclaim.tryToFree(page)).isTrue();
          int pindex = (page.color() - memory.object().pageColor()) & PageQueueIndex.COLOR_MASK;
          assertThat(allocator.alloc(memory.object(), pindex, AllocRequest.NORMAL)).isSameAs(page);
          assertThat(page.has(PageFlags.ZERO)).isFalse();
          allocator.free(page);
        });
  }

  @Test
  void cachingAPageKnownToBeDirtyIsAPanic() {
    VmPage page = cleanPage();
    kernel.inVm(() -> state.dirty(page));
    kernel.inVm(() -> state.busy(page));

    panics(() -> reclaim.cache(page), "vm_page_cache: caching a dirty page, pindex: 0");

    kernel.inVm(() -> state.wakeup(page));
  }

  @Test
  void dirtyingACachedPageIsAPanic() {
    VmPage page = cleanPage();
    kernel.inVm(() -> reclaim.tryToCache(page));

    panics(() -> state.dirty(page), "vm_page_dirty: page in cache!");
  }

  @Test
  void freeZeroBelievesNobody() {
    VmPage page = cleanPage();
    kernel.vm.ram().store8(page.address().plus(4095), 1);
    kernel.inVm(
        () -> {
          state.busy(page);
          state.protectNone(page);
        });

    panics(() -> allocator.freeZero(page), "non-zero page in vm_page_free_zero()");

    kernel.vm.ram().store8(page.address().plus(4095), 0);
    long zero = kernel.counter(VmCounter.ZERO_COUNT);
    kernel.inVm(() -> allocator.freeZero(page));
    assertThat(page.has(PageFlags.ZERO)).isTrue();
    assertThat(kernel.counter(VmCounter.ZERO_COUNT)).isEqualTo(zero + 1);
  }

  @Test
  void freeingAFreeOrWiredPageIsAPanic() {
    VmPage page = cleanPage();
    kernel.inVm(() -> reclaim.tryToFree(page));
    panics(() -> allocator.free(page), "vm_page_free: freeing free page");

    memory.read(1);
    VmPage wired = memory.page(1);
    kernel.inVm(
        () -> {
          state.wire(wired);
          state.busy(wired);
          state.protectNone(wired);
        });
    panics(() -> allocator.free(wired), "vm_page_free: freeing wired page");
    kernel.inVm(
        () -> {
          // The panic came after the page had left its object.
          state.unwire(wired, false);
          allocator.free(wired);
        });
  }
}
