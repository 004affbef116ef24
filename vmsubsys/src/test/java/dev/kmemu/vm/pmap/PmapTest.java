package dev.kmemu.vm.pmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PmapTest {

  private static final long PAGE = 4096;
  private static final long VA = KvaLayout.KVA_START + 5 * PAGE;
  private static final int RW = VmProt.READ | VmProt.WRITE;

  private final List<Long> invalidated = new ArrayList<>();
  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(16L << 20)),
          new TlbControl() {
            @Override
            public void invalidatePage(VirtualAddress address) {
              invalidated.add(address.value());
            }

            @Override
            public void invalidateAll() {
              invalidated.add(0L);
            }
          },
          KernelVmConfig.of(new PhysicalAddress(1L << 20)));
  private final Pmap pmap = vm.pmap();
  private final VmObject object = vm.objects().allocate(ObjectType.DEFAULT, 16);

  @BeforeEach
  void takeToken() {
    vm.tokens().vm().get();
  }

  @AfterEach
  void releaseToken() {
    vm.tokens().vm().release();
    // No map's entries lie over what is entered here.
    assertThat(vm.check()).filteredOn(v -> !v.invariant().equals("V7")).isEmpty();
  }

  private VmPage page(long pindex) {
    VmPage page = Objects.requireNonNull(vm.allocator().alloc(object, pindex, AllocRequest.NORMAL));
    vm.pageState().wakeup(page);
    return page;
  }

  private long pte(long va) {
    return pmap.tables().pte(va);
  }

  private void cpuSets(long va, long bits) {
    long pde = pmap.tables().load(pmap.tables().pdeAddress(va));
    pmap.tables().update(PageTables.pteAddress(pde, va), 0, bits);
  }

  @Test
  void enteringAPageWritesItsEntryWithoutATlbFlush() {
    VmPage page = page(0);

    pmap.enter(VA + 123, page, RW, false);

    assertThat(pte(VA))
        .isEqualTo(page.physAddr() | PteBits.V | PteBits.RW | PteBits.A | PteBits.MANAGED);
    assertThat(pmap.extract(VA + 9)).isEqualTo(page.physAddr() + 9);
    assertThat(page.pvCount()).isEqualTo(1);
    assertThat(page.has(PageFlags.WRITEABLE)).isTrue();
    assertThat(invalidated).isEmpty();
  }

  @Test
  void enteringAgainChangesOnlyProtectionAndWiring() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);

    pmap.enter(VA, page, VmProt.READ, true);

    assertThat(pte(VA) & (PteBits.RW | PteBits.W)).isEqualTo(PteBits.W);
    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
    assertThat(pmap.statistics().wiredCount()).isEqualTo(1);
    assertThat(page.pvCount()).isEqualTo(1);
    assertThat(invalidated).containsExactly(VA);
  }

  @Test
  void enteringAgainCarriesTheDirtyBitToThePage() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    cpuSets(VA, PteBits.M);

    pmap.enter(VA, page, VmProt.READ, false);

    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(pte(VA) & PteBits.M).isZero();
  }

  @Test
  void anotherPageReplacesTheMapping() {
    VmPage first = page(0);
    VmPage second = page(1);
    pmap.enter(VA, first, RW, true);
    cpuSets(VA, PteBits.M);

    pmap.enter(VA, second, RW, false);

    assertThat(first.pvCount()).isZero();
    assertThat(first.has(PageFlags.MAPPED | PageFlags.WRITEABLE)).isFalse();
    assertThat(first.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(pmap.extract(VA)).isEqualTo(second.physAddr());
    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
    assertThat(pmap.statistics().wiredCount()).isZero();
    assertThat(invalidated).contains(VA);
  }

  @Test
  void removalTransfersAccessedAndDirtyAndDropsTheLastMapping() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    pmap.enter(VA + PAGE, page, RW, false);
    cpuSets(VA, PteBits.M);

    pmap.remove(VA, VA + PAGE);
    assertThat(page.has(PageFlags.MAPPED)).isTrue();
    pmap.remove(VA + PAGE, VA + 2 * PAGE);

    assertThat(page.has(PageFlags.MAPPED)).isFalse();
    assertThat(page.has(PageFlags.REFERENCED)).isTrue();
    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(pte(VA)).isZero();
    assertThat(invalidated).containsExactly(VA, VA + PAGE);
  }

  @Test
  void removingARangeFlushesTheWholeTlbOnce() {
    pmap.enter(VA, page(0), RW, false);
    pmap.enter(VA + PAGE, page(1), RW, false);

    pmap.remove(KvaLayout.KVA_START, KvaLayout.KVA_START + (1L << 30));

    assertThat(pmap.statistics().residentCount()).isZero();
    assertThat(invalidated).containsExactly(0L);
  }

  @Test
  void removalUpToTheEndOfTheAddressSpaceEnds() {
    pmap.enter(VA, page(0), RW, false);

    pmap.remove(KvaLayout.KVA_END - (4L << 20), KvaLayout.KVA_END);

    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
  }

  @Test
  void protectionWithdrawsWriteAccessAndNeverGrantsIt() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);

    pmap.protect(VA, VA + PAGE, VmProt.READ);
    assertThat(pte(VA) & (PteBits.RW | PteBits.V)).isEqualTo(PteBits.V);
    pmap.protect(VA, VA + PAGE, RW);
    assertThat(pte(VA) & PteBits.RW).isZero();
    pmap.protect(VA, VA + PAGE, VmProt.NONE);
    assertThat(pte(VA)).isZero();
  }

  @Test
  void protectingALargePageLeavesTheCount() {
    pmap.enter(VA, page(0), RW, false);

    pmap.protect(KvaLayout.KERNBASE, KvaLayout.KERNBASE + KvaLayout.NBPDR, VmProt.READ);

    assertThat(pmap.tables().pde(KvaLayout.KERNBASE) & PteBits.RW).isZero();
    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
    assertThat(invalidated).containsExactly(0L);
  }

  @Test
  void pageProtectReachesEveryMappingOfAPage() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    pmap.enter(VA + 7 * PAGE, page, RW, true);

    pmap.mappings().pageProtect(page, VmProt.READ);
    assertThat((pte(VA) | pte(VA + 7 * PAGE)) & PteBits.RW).isZero();
    assertThat(page.has(PageFlags.WRITEABLE)).isFalse();
    pmap.mappings().pageProtect(page, VmProt.NONE);

    assertThat(page.pvCount()).isZero();
    assertThat(pmap.statistics().residentCount()).isZero();
    assertThat(pmap.statistics().wiredCount()).isZero();
  }

  @Test
  void referencesAreCountedAndClearedUpToFive() {
    VmPage page = page(0);
    for (int i = 0; i < 8; i++) {
      pmap.enter(VA + i * PAGE, page, RW, false);
    }

    assertThat(pmap.mappings().testAndClearReferenced(page)).isEqualTo(5);
    assertThat(pmap.mappings().testAndClearReferenced(page)).isEqualTo(3);
    assertThat(pmap.mappings().testAndClearReferenced(page)).isZero();
  }

  @Test
  void eachMappingIsLookedAtInTurn() {
    VmPage page = page(0);
    for (int i = 0; i < 8; i++) {
      pmap.enter(VA + i * PAGE, page, RW, false);
    }
    pmap.mappings().testAndClearReferenced(page);
    for (int i = 0; i < 8; i++) {
      cpuSets(VA + i * PAGE, PteBits.A);
    }

    pmap.mappings().testAndClearReferenced(page);

    for (int i = 0; i < 8; i++) {
      // The second call began with the three that the first one left, then took the first two.
      boolean cleared = i >= 5 || i < 2;
      assertThat(pte(VA + i * PAGE) & PteBits.A)
          .as("mapping %d", i)
          .isEqualTo(cleared ? 0 : PteBits.A);
    }
  }

  @Test
  void modificationThroughTheCleanMapDoesNotCount() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    cpuSets(VA, PteBits.M);
    pmap.mappings().setCleanMap(VA, VA + PAGE);
    assertThat(pmap.mappings().isModified(page)).isFalse();

    pmap.enter(VA + PAGE, page, RW, false);
    cpuSets(VA + PAGE, PteBits.M);

    assertThat(pmap.mappings().isModified(page)).isTrue();
  }

  @Test
  void pageProtectWithWriteChangesNothingAndExecuteAloneStaysReadable() {
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    long before = pte(VA);

    pmap.mappings().pageProtect(page, VmProt.WRITE);
    assertThat(pte(VA)).isEqualTo(before);
    pmap.mappings().pageProtect(page, VmProt.EXECUTE);

    assertThat(pte(VA)).isEqualTo(before & ~PteBits.RW);
  }

  @Test
  void changingTheWiringIsCountedOnceAndFlushesNothing() {
    pmap.enter(VA, page(0), RW, false);

    pmap.changeWiring(VA, true);
    pmap.changeWiring(VA, true);
    assertThat(pmap.statistics().wiredCount()).isEqualTo(1);
    pmap.changeWiring(VA, false);

    assertThat(pmap.statistics().wiredCount()).isZero();
    assertThat(invalidated).isEmpty();
  }

  @Test
  void addressesWithoutAPageTableOrUnderALargePageArePanics() {
    VmPage page = page(0);
    long beyond = KvaLayout.KVA_START + (1L << 32);

    assertThatThrownBy(() -> pmap.enter(beyond, page, RW, false))
        .isInstanceOf(KernelPanic.class)
        .hasMessage(
            "pmap_enter: invalid page directory va=0xffffffe100000000"
                + " (map kernel_pmap, 0xffffffe100000000)");
    assertThatThrownBy(() -> pmap.enter(KvaLayout.KERNBASE, page, RW, false))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("pmap_enter: attempted pmap_enter on 2MB page");
    assertThatThrownBy(() -> pmap.enter(0x1000, page, RW, false)).isInstanceOf(KernelPanic.class);
  }

  @Test
  void emptyEntriesExtractToZeroWhateverTheOffset() {
    assertThat(pmap.extract(VA + 123)).isZero();
    assertThat(pmap.extract(0x1000)).isZero();
  }

  @Test
  void qenterMapsARunWithoutAccountingAndQremoveUndoesIt() {
    List<VmPage> pages = List.of(page(0), page(1));

    vm.kernelEnter().qenter(VA, pages);
    assertThat(pte(VA + PAGE)).isEqualTo(pages.get(1).physAddr() | PteBits.V | PteBits.RW);
    assertThat(pmap.statistics().residentCount()).isZero();
    vm.kernelEnter().qremove(VA, 2);

    assertThat(pte(VA) | pte(VA + PAGE)).isZero();
    assertThat(invalidated).containsExactly(0L, 0L);
  }
}
