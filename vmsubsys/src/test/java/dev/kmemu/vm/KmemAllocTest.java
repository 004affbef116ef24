package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KmemAllocTest {

  private static final long KMEM_BITS =
      PteBits.V | PteBits.RW | PteBits.A | PteBits.W | PteBits.MANAGED;

  private final TestKernel kernel = TestKernel.small();

  @Test
  void theFirstAllocationStartsAtKvaStart() {
    assertThat(kernel.alloc(PAGE)).isEqualTo(KvaLayout.KVA_START);
    kernel.check();
  }

  @Test
  void bootLeavesOneEntryOverTheKernelImage() {
    VmMapEntry only = kernel.map().first();

    assertThat(kernel.map().nentries()).isEqualTo(1);
    assertThat(only.start()).isEqualTo(KvaLayout.KERNBASE);
    assertThat(only.end()).isEqualTo(kernel.vm.boot().virtualStart());
    kernel.check();
  }

  @Test
  void everyQuantityChangesByTheNumberOfPages() {
    long size = kernel.map().size();
    long free = kernel.counter(VmCounter.FREE_COUNT);
    int references = kernel.vm.objects().kernelObject().refCount();

    kernel.alloc(3 * PAGE);

    assertThat(kernel.map().size() - size).isEqualTo(3 * PAGE);
    assertThat(kernel.map().nentries()).isEqualTo(2);
    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isEqualTo(3);
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(references + 1);
    assertThat(kernel.residentCount()).isEqualTo(3);
    assertThat(kernel.wiredCount()).isEqualTo(3);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(3);
    assertThat(free - kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(3);
    kernel.check();
  }

  @Test
  void pagesAreWiredMappedWriteableAndZero() {
    long va = kernel.alloc(2 * PAGE);

    for (long at = va; at < va + 2 * PAGE; at += PAGE) {
      VmPage page = kernel.pageAt(at);
      assertThat(page.wireCount()).isEqualTo(1);
      assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
      assertThat(page.valid()).isEqualTo(VmPage.BITS_ALL);
      assertThat(page.has(PageFlags.MAPPED)).isTrue();
      assertThat(page.has(PageFlags.WRITEABLE)).isTrue();
      assertThat(page.has(PageFlags.REFERENCED)).isTrue();
      assertThat(page.has(PageFlags.BUSY | PageFlags.ZERO)).isFalse();
      assertThat(kernel.vm.ram().isZero(page.address(), (int) PAGE)).isTrue();
    }
  }

  @Test
  void leafEntriesCarryExactlyTheBitsOfWiredKernelMemory() {
    long va = kernel.alloc(PAGE);

    long pte = kernel.vm.pmap().tables().pte(va);
    assertThat(pte).isEqualTo(kernel.vm.pmap().extract(va) | KMEM_BITS);
  }

  @Test
  void wiredNeighboursMergeIntoOneEntry() {
    kernel.alloc(PAGE);
    kernel.alloc(PAGE);

    assertThat(kernel.map().nentries()).isEqualTo(2);
    assertThat(kernel.map().first().end()).isEqualTo(kva(2));
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(2);
    kernel.check();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -4095})
  void aSizeThatRoundsToZeroIsRefused(long size) {
    assertThat(kernel.vm.kmem().alloc(kernel.map(), size))
        .isEqualTo(new KmemResult.InvalidSize(size));
    assertThat(kernel.vm.kmem().allocPageable(kernel.map(), size))
        .isEqualTo(new KmemResult.InvalidSize(size));
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void aHugeSizeFindsNoSpaceAndChangesNothing() {
    long size = KvaLayout.KVA_SIZE;

    assertThat(kernel.vm.kmem().alloc(kernel.map(), size)).isInstanceOf(KmemResult.NoSpace.class);
    assertThat(kernel.map().nentries()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void freedMemoryComesBackZeroed() {
    long va = kernel.alloc(PAGE);
    kernel.write(va, -1L);
    kernel.free(va, PAGE);

    long again = kernel.alloc(PAGE);

    assertThat(again).isEqualTo(va);
    assertThat(kernel.read(again)).isZero();
    kernel.check();
  }

  @Test
  void freeingEverythingRestoresTheInitialState() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    long size = kernel.map().size();
    long va = kernel.alloc(10 * PAGE);

    kernel.free(va + 3 * PAGE, 4 * PAGE);
    kernel.check();
    kernel.free(va, 10 * PAGE);

    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    assertThat(kernel.map().size()).isEqualTo(size);
    assertThat(kernel.map().nentries()).isEqualTo(1);
    assertThat(kernel.residentCount()).isZero();
    assertThat(kernel.wiredCount()).isZero();
    kernel.check();
  }

  @Test
  void theKernelReserveServesAnAllocationToo() {
    KmemResult result = kernel.vm.kmem().alloc3(kernel.map(), PAGE, MapWiring.KM_KRESERVE);

    assertThat(result).isInstanceOf(KmemResult.Allocated.class);
    kernel.check();
  }

  @Test
  void pageableAllocationsHavePagesThatNobodyWiredOrMapped() {
    long va = kernel.vm.kmem().alloc3(kernel.map(), PAGE, MapWiring.KM_PAGEABLE).orThrow().value();

    assertThat(kernel.vm.objects().kernelObject().residentPageCount()).isEqualTo(1);
    assertThat(kernel.vm.pmap().extract(va)).isZero();
    assertThat(kernel.wiredCount()).isZero();
    kernel.check();
  }
}
