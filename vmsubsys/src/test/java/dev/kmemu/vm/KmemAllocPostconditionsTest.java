package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code kmem_alloc3} leaves behind, quantity by quantity, from either reserve of entries. */
@ParameterizedClass
@ValueSource(ints = {0, MapWiring.KM_KRESERVE})
class KmemAllocPostconditionsTest {

  private static final int PAGES = 3;

  private final TestKernel kernel = TestKernel.small();
  private final VmObject kernelObject = kernel.vm.objects().kernelObject();
  private final int kmflags;

  KmemAllocPostconditionsTest(int kmflags) {
    this.kmflags = kmflags;
  }

  @AfterEach
  void check() {
    kernel.check();
  }

  private long alloc(int pages) {
    return kernel.vm.kmem().alloc3(kernel.map(), pages * PAGE, kmflags).orThrow().value();
  }

  private List<VmPage> allocPages() {
    long va = alloc(PAGES);
    return List.of(kernel.pageAt(va), kernel.pageAt(va + PAGE), kernel.pageAt(va + 2 * PAGE));
  }

  @Test
  void theMapGrowsByTheBytes() {
    long before = kernel.map().size();

    alloc(PAGES);

    assertThat(kernel.map().size() - before).isEqualTo(PAGES * PAGE);
  }

  @Test
  void theEntryMapsKernelObjectAtItsOwnAddress() {
    long va = alloc(PAGES);

    VmMapEntry entry = kernel.map().first();
    assertThat(entry.start()).isEqualTo(va);
    assertThat(entry.end()).isEqualTo(va + PAGES * PAGE);
    assertThat(entry.object()).isSameAs(kernelObject);
    assertThat(entry.offset()).isEqualTo(va);
    assertThat(entry.maptype()).isEqualTo(MapType.NORMAL);
    assertThat(entry.protection()).isEqualTo(VmProt.ALL);
    assertThat(entry.maxProtection()).isEqualTo(VmProt.ALL);
    assertThat(entry.eflags()).isZero();
    assertThat(entry.wiredCount()).isEqualTo(1);
  }

  @Test
  void aloneItAddsAnEntryAndAReferenceToKernelObject() {
    int entries = kernel.map().nentries();
    int references = kernelObject.refCount();

    alloc(PAGES);

    assertThat(kernel.map().nentries() - entries).isEqualTo(1);
    assertThat(kernelObject.refCount() - references).isEqualTo(1);
  }

  @Test
  void besideOneWiredNeighbourItAddsNeither() {
    alloc(1);
    int entries = kernel.map().nentries();
    int references = kernelObject.refCount();

    alloc(PAGES);

    assertThat(kernel.map().nentries()).isEqualTo(entries);
    assertThat(kernelObject.refCount()).isEqualTo(references);
  }

  @Test
  void betweenTwoWiredNeighboursItTakesOneOfEach() {
    long gap = alloc(3) + PAGE;
    kernel.free(gap, PAGE);
    int entries = kernel.map().nentries();
    int references = kernelObject.refCount();

    assertThat(alloc(1)).isEqualTo(gap);

    assertThat(kernel.map().nentries() - entries).isEqualTo(-1);
    assertThat(kernelObject.refCount() - references).isEqualTo(-1);
  }

  @Test
  void neighboursThatAreWiredDifferentlyDontMerge() {
    long first = alloc(1);
    kernel.vm.maps().wiring().wire(kernel.map(), first, first + PAGE, 0);
    int entries = kernel.map().nentries();

    alloc(1);

    assertThat(kernel.map().nentries() - entries).isEqualTo(1);
  }

  @Test
  void kernelObjectGetsThePages() {
    long va = alloc(PAGES);

    assertThat(kernelObject.residentPageCount()).isEqualTo(PAGES);
    for (int i = 0; i < PAGES; i++) {
      assertThat(kernelObject.residentPage(VmArith.offToIdx(va) + i))
          .isSameAs(kernel.pageAt(va + i * PAGE));
    }
  }

  @Test
  void kernelPmapCountsThemResidentAndWired() {
    alloc(PAGES);

    assertThat(kernel.residentCount()).isEqualTo(PAGES);
    assertThat(kernel.wiredCount()).isEqualTo(PAGES);
  }

  @Test
  void wireAndFreeCountsMoveByThePages() {
    long wired = kernel.counter(VmCounter.WIRE_COUNT);
    long free = kernel.counter(VmCounter.FREE_COUNT);

    alloc(PAGES);

    assertThat(kernel.counter(VmCounter.WIRE_COUNT) - wired).isEqualTo(PAGES);
    assertThat(free - kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(PAGES);
  }

  @Test
  void aPageTableThatHadToBeMadeCountsWithThem() {
    long boot = kernel.vm.boot().kernelTables() * KvaLayout.NBPDR;
    kernel.vm.kmem().allocNofault(kernel.map(), boot, PAGE).orThrow();
    long wired = kernel.counter(VmCounter.WIRE_COUNT);
    long free = kernel.counter(VmCounter.FREE_COUNT);

    alloc(PAGES);

    assertThat(kernel.counter(VmCounter.WIRE_COUNT) - wired).isEqualTo(PAGES + 1);
    assertThat(free - kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(PAGES + 1);
    assertThat(kernel.wiredCount()).as("kernel_pmap doesn't count its tables").isEqualTo(PAGES);
  }

  @Test
  void eachPageIsWiredOnceAndHeldByNobody() {
    assertThat(allocPages()).allMatch(page -> page.wireCount() == 1 && page.holdCount() == 0);
  }

  @Test
  void eachPageIsOnNoQueueAndNotBusy() {
    assertThat(allocPages()).allMatch(page -> page.queue() == PageQueueIndex.NONE);
    assertThat(kernelObject.residentPage(VmArith.offToIdx(KvaLayout.KVA_START)))
        .matches(page -> !page.isBusy());
  }

  @Test
  void eachPageIsValidMappedWriteableReferencedAndNotMarkedZero() {
    assertThat(allocPages())
        .allMatch(page -> page.valid() == VmPage.BITS_ALL)
        .allMatch(page -> page.has(PageFlags.MAPPED))
        .allMatch(page -> page.has(PageFlags.WRITEABLE))
        .allMatch(page -> page.has(PageFlags.REFERENCED))
        .noneMatch(page -> page.has(PageFlags.ZERO));
  }

  @Test
  void eachPageIsZeroThoughItsLastOwnerLeftSomething() {
    int most = (int) (kernel.counter(VmCounter.FREE_COUNT) * 3 / 4);
    long va = alloc(most);
    Set<VmPage> dirty = new HashSet<>();
    for (long at = va; at != va + most * PAGE; at += PAGE) {
      kernel.write(at + PAGE - 8, -1);
      dirty.add(kernel.pageAt(at));
    }
    kernel.free(va, most * PAGE);

    assertThat(alloc(most)).isEqualTo(va);

    int reused = 0;
    for (long at = va; at != va + most * PAGE; at += PAGE) {
      VmPage page = kernel.pageAt(at);
      reused += dirty.contains(page) ? 1 : 0;
      assertThat(kernel.vm.ram().isZero(page.address(), (int) PAGE)).isTrue();
    }
    assertThat(reused).isPositive();
  }

  @Test
  void eachEntryOfThePageTableHasExactlyTheBitsOfWiredMemory() {
    long va = alloc(PAGES);

    for (long at = va; at != va + PAGES * PAGE; at += PAGE) {
      long bits = kernel.vm.pmap().tables().pte(at) & ~PteBits.FRAME;
      assertThat(bits).isEqualTo(PteBits.V | PteBits.RW | PteBits.A | PteBits.W | PteBits.MANAGED);
    }
  }
}
