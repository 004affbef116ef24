package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import java.util.List;
import org.junit.jupiter.api.Test;

class KmemFreeTest {

  private final TestKernel kernel = TestKernel.small();

  @Test
  void aRangeAcrossAPageBoundaryRemovesBothPages() {
    long va = kernel.alloc(4 * PAGE);

    kernel.free(va + 0xF00, 0x200);

    assertMapped(va, false, false, true, true);
  }

  @Test
  void sizeZeroInsideAPageRemovesThatPage() {
    long va = kernel.alloc(2 * PAGE);

    kernel.free(va + 1, 0);

    assertMapped(va, false, true);
  }

  @Test
  void sizeZeroAtAPageOnlySplitsItsEntry() {
    long va = kernel.alloc(2 * PAGE);

    kernel.free(va + PAGE, 0);

    assertMapped(va, true, true);
    assertThat(kernel.entries(kernel.map()).stream().map(VmMapEntry::start).toList())
        .startsWith(va, va + PAGE);
  }

  @Test
  void aRangeThatWrapsRemovesNothing() {
    long va = kernel.alloc(2 * PAGE);

    kernel.free(va, -PAGE);

    assertMapped(va, true, true);
  }

  @Test
  void theMiddleOfAnEntryGoesAndTheRestStaysWired() {
    long va = kernel.alloc(5 * PAGE);

    kernel.free(va + 2 * PAGE, PAGE);

    assertMapped(va, true, true, false, true, true);
    List<VmMapEntry> entries = kernel.entries(kernel.map());
    assertThat(entries.get(0).wiredCount()).isEqualTo(1);
    assertThat(entries.get(1).start()).isEqualTo(kva(3));
    assertThat(entries.get(1).offset()).isEqualTo(kva(3));
    assertThat(kernel.wiredCount()).isEqualTo(4);
  }

  @Test
  void freedPagesGoToTheFreeQueueOfTheirColourUnzeroed() {
    long va = kernel.alloc(PAGE);
    VmPage page = kernel.pageAt(va);

    kernel.free(va, PAGE);

    assertThat(page.queue()).isEqualTo(PageQueueIndex.FREE + page.color());
    assertThat(page.has(PageFlags.ZERO | PageFlags.MAPPED | PageFlags.BUSY)).isFalse();
    assertThat(page.owner()).isNull();
  }

  @Test
  void holesAreIgnored() {
    long first = kernel.alloc(PAGE);
    long second = kernel.alloc(PAGE);
    long third = kernel.alloc(PAGE);
    kernel.free(second, PAGE);

    kernel.free(first, 3 * PAGE);

    assertThat(kernel.vm.pmap().extract(third)).isZero();
    assertThat(kernel.map().nentries()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void unmappedPagesAreFlushedFromTheTlb() {
    long va = kernel.alloc(PAGE);
    kernel.tlb.clear();

    kernel.free(va, PAGE);

    assertThat(kernel.tlb.pages).containsExactly(va);
  }

  @Test
  void manyPagesAreFlushedAtOnce() {
    long va = kernel.alloc(16 * PAGE);
    kernel.tlb.clear();

    kernel.free(va, 16 * PAGE);

    assertThat(kernel.tlb.pages).isEmpty();
    assertThat(kernel.tlb.full).isEqualTo(1);
  }

  @Test
  void newMappingsFlushNothing() {
    kernel.tlb.clear();

    kernel.alloc(16 * PAGE);

    assertThat(kernel.tlb.pages).isEmpty();
    assertThat(kernel.tlb.full).isZero();
  }

  @Test
  void aWiredPageOfSomebodyElseStaysInTheObjectAndIsReusedZeroed() {
    long va = kernel.alloc(PAGE);
    kernel.write(va, 42);
    VmPage page = kernel.pageAt(va);
    inVm(() -> kernel.vm.pageState().wire(page));
    kernel.free(va, PAGE);
    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isEqualTo(1);

    assertThat(kernel.alloc(PAGE)).isEqualTo(va);

    assertThat(kernel.pageAt(va)).isSameAs(page);
    assertThat(kernel.read(va)).isZero();
    inVm(() -> kernel.vm.pageState().unwire(page, true));
    kernel.check();
  }

  @Test
  void aHeldPageIsReallyFreedByItsLastUnhold() {
    long va = kernel.alloc(PAGE);
    VmPage page = kernel.pageAt(va);
    inVm(() -> kernel.vm.pageState().hold(page));
    kernel.free(va, PAGE);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.HOLD);
    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).isEqualTo(1);

    inVm(() -> kernel.vm.allocator().unhold(page));

    assertThat(page.queue()).isEqualTo(PageQueueIndex.FREE + page.color());
    kernel.check();
  }

  @Test
  void freeingASubmapThroughItsParentIsAPanic() {
    var submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 4 * PAGE);

    assertThatThrownBy(() -> kernel.free(submap.min().value(), PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageContaining("submap");
  }

  private void assertMapped(long va, boolean... mapped) {
    for (int i = 0; i < mapped.length; i++) {
      assertThat(kernel.vm.pmap().extract(va + i * PAGE) != 0)
          .as("page %d is mapped", i)
          .isEqualTo(mapped[i]);
    }
    kernel.check();
  }

  private void inVm(Runnable action) {
    kernel.vm.tokens().vm().get();
    try {
      action.run();
    } finally {
      kernel.vm.tokens().vm().release();
    }
  }
}
