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
import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
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

class UserPmapTest {

  private static final long PAGE = 4096;
  private static final long VA = 0x4000_0000_1000L;
  private static final long NEXT_TABLE = VA + KvaLayout.NBPDR;
  private static final long NEXT_ROOT_SLOT = VA + (1L << 39);
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
  private final VmObject object = vm.objects().allocate(ObjectType.DEFAULT, 1 << 16);
  private final Pmap pmap = vm.userPmaps().pinit();
  private long freeAtFirst;

  @BeforeEach
  void takeToken() {
    vm.tokens().vm().get();
    freeAtFirst = free();
  }

  @AfterEach
  void releaseToken() {
    vm.tokens().vm().release();
    // No map's entries lie over what is entered here.
    assertThat(vm.check()).filteredOn(v -> !v.invariant().equals("V7")).isEmpty();
  }

  private long free() {
    return vm.stats().get(VmCounter.FREE_COUNT);
  }

  private VmPage page(long pindex) {
    VmPage page = Objects.requireNonNull(vm.allocator().alloc(object, pindex, AllocRequest.NORMAL));
    vm.pageState().wakeup(page);
    return page;
  }

  private long pte(long va) {
    return pmap.tables().pte(va);
  }

  private void cpuSets(Pmap map, long va, long bits) {
    map.tables().update(PageTables.pteAddress(map.tables().pde(va), va), 0, bits);
  }

  private void onCpu(Pmap map) {
    vm.currentPmap().switchTo(map, cr3 -> {});
  }

  @Test
  void aNewMapHasARootOfItsOwnAndTheKernelsHalf() {
    assertThat(pmap.tables().pml4()).isNotEqualTo(vm.pml4());
    assertThat(pmap.statistics().residentCount()).as("the root counts").isEqualTo(1);
    assertThat(pmap.tables().pdeAddress(KvaLayout.KVA_START))
        .isEqualTo(vm.pmap().tables().pdeAddress(KvaLayout.KVA_START));
    assertThat(pmap.extract(KvaLayout.DMAP_MIN_ADDRESS + 0x1234)).isEqualTo(0x1234);
    assertThat(pmap.extract(VA)).isZero();
  }

  @Test
  void theRecursiveSlotShowsTheMapsOwnTables() {
    pmap.enter(VA, page(0), RW, false);

    long pteWindow = KvaLayout.UPT_MIN_ADDRESS + (VA >>> 12) * Long.BYTES;

    assertThat(pmap.extract(pteWindow)).isEqualTo(PageTables.pteAddress(pmap.tables().pde(VA), VA));
    assertThat(vm.pmap().extract(pteWindow)).as("not the kernel's").isZero();
  }

  @Test
  void userEntriesCarryUAndAreNeverGlobal() {
    VmPage page = page(0);

    pmap.enter(VA + 5, page, VmProt.READ, true);

    assertThat(pte(VA))
        .isEqualTo(
            page.physAddr() | PteBits.V | PteBits.U | PteBits.A | PteBits.W | PteBits.MANAGED);
    assertThat(pmap.statistics().wiredCount()).isEqualTo(1);
    assertThat(pmap.extract(VA + 9)).isEqualTo(page.physAddr() + 9);
  }

  @Test
  void tablesComeWithTheFirstEntryAndGoWithTheLast() {
    long wired = vm.stats().get(VmCounter.WIRE_COUNT);
    pmap.enter(VA, page(0), RW, false);
    assertThat(pmap.statistics().residentCount()).as("root, three tables, page").isEqualTo(5);
    assertThat(vm.stats().get(VmCounter.WIRE_COUNT)).isEqualTo(wired + 3);
    pmap.enter(NEXT_TABLE, page(1), RW, false);
    assertThat(pmap.statistics().residentCount()).as("one more of each").isEqualTo(7);
    pmap.enter(NEXT_ROOT_SLOT, page(2), RW, false);
    assertThat(pmap.statistics().residentCount()).isEqualTo(11);

    pmap.remove(NEXT_TABLE, NEXT_TABLE + PAGE);
    assertThat(pmap.statistics().residentCount()).isEqualTo(9);
    pmap.remove(0, KvaLayout.USER_END);

    assertThat(pmap.statistics().residentCount()).isEqualTo(1);
    assertThat(vm.stats().get(VmCounter.WIRE_COUNT)).isEqualTo(wired);
    assertThat(free()).isEqualTo(freeAtFirst - 3);
  }

  @Test
  void tablesKeepNoZeroMarkWhileInUseAndGetItBackWhenFreed() {
    pmap.enter(VA, page(0), RW, false);
    VmPage table = vm.pages().at(pmap.tables().pde(VA) & PteBits.FRAME);
    assertThat(table.has(PageFlags.ZERO | PageFlags.BUSY)).isFalse();
    assertThat(table.holdCount()).isEqualTo(1);

    pmap.remove(VA, VA + PAGE);

    assertThat(table.has(PageFlags.ZERO)).isTrue();
    assertThat(table.owner()).isNull();
  }

  @Test
  void anotherPageKeepsTheTableOfTheOneItReplaces() {
    VmPage first = page(0);
    pmap.enter(VA, first, RW, true);
    long pde = pmap.tables().pde(VA);

    pmap.enter(VA, page(1), RW, false);

    assertThat(pmap.tables().pde(VA)).isEqualTo(pde);
    assertThat(first.has(PageFlags.MAPPED)).isFalse();
    assertThat(pmap.statistics().wiredCount()).isZero();
  }

  @Test
  void releaseGivesEverythingBack() {
    Pmap other = vm.userPmaps().pinit();
    other.enter(VA, page(0), RW, false);
    other.remove(VA, VA + PAGE);

    vm.userPmaps().release(other);

    assertThat(free()).isEqualTo(freeAtFirst - 1);
    assertThat(vm.userPmaps().live()).containsExactly(pmap);
  }

  @Test
  void releaseWithAMappingLeftIsAPanic() {
    pmap.enter(VA, page(0), RW, false);

    assertThatThrownBy(() -> vm.userPmaps().release(pmap))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("pmap_release: freeing held page table page");
  }

  @Test
  void releaseOfTheMapOnTheCpuIsAPanic() {
    onCpu(pmap);

    assertThatThrownBy(() -> vm.userPmaps().release(pmap))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("pmap_release: pmap still active!");
  }

  @Test
  void destroyDropsAReferenceButNotTheLast() {
    pmap.reference();
    pmap.destroy();
    assertThat(pmap.referenceCount()).isEqualTo(1);

    assertThatThrownBy(pmap::destroy)
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("destroying a pmap is not yet implemented");
  }

  @Test
  void pageOperationsReachTheMappingsOfAllMaps() {
    Pmap other = vm.userPmaps().pinit();
    long kva = KvaLayout.KVA_START;
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    other.enter(VA, page, RW, true);
    vm.pmap().enter(kva, page, RW, false);

    cpuSets(other, VA, PteBits.M);
    assertThat(vm.pmap().mappings().isModified(page)).isTrue();
    vm.pmap().mappings().clearModify(page);
    assertThat(vm.pmap().mappings().isModified(page)).isFalse();
    assertThat(vm.pmap().mappings().testAndClearReferenced(page)).isEqualTo(3);
    vm.pmap().mappings().pageProtect(page, VmProt.READ);
    assertThat((pte(VA) | other.tables().pte(VA) | vm.pmap().tables().pte(kva)) & PteBits.RW)
        .isZero();
    vm.pmap().mappings().pageProtect(page, VmProt.NONE);

    assertThat(page.pvCount()).isZero();
    assertThat(pmap.statistics().residentCount()).as("tables went too").isEqualTo(1);
    assertThat(other.statistics().residentCount()).isEqualTo(1);
    assertThat(other.statistics().wiredCount()).isZero();
    assertThat(vm.pmap().statistics().residentCount()).isZero();
  }

  @Test
  void removalFromOneMapLeavesTheSameAddressOfAnother() {
    Pmap other = vm.userPmaps().pinit();
    VmPage page = page(0);
    pmap.enter(VA, page, RW, false);
    other.enter(VA, page, RW, false);

    pmap.remove(VA, VA + PAGE);

    assertThat(other.extract(VA)).isEqualTo(page.physAddr());
    assertThat(page.pvCount()).isEqualTo(1);
  }

  @Test
  void removePagesLeavesWiredAndOutsidePages() {
    pmap.enter(VA, page(0), RW, false);
    pmap.enter(VA + PAGE, page(1), RW, true);
    pmap.enter(NEXT_TABLE, page(2), RW, false);
    pmap.enter(NEXT_ROOT_SLOT, page(3), RW, false);
    int generation = pmap.generation();

    pmap.removePages(0, NEXT_ROOT_SLOT);

    assertThat(pte(VA)).isZero();
    assertThat(pte(VA + PAGE)).isNotZero();
    assertThat(pte(NEXT_TABLE)).isZero();
    assertThat(pte(NEXT_ROOT_SLOT)).isNotZero();
    assertThat(pmap.generation()).isNotEqualTo(generation);
  }

  @Test
  void protectionAndWiringWorkAcrossMissingTables() {
    pmap.enter(VA, page(0), RW, false);
    pmap.enter(NEXT_ROOT_SLOT, page(1), RW, false);
    pmap.changeWiring(NEXT_ROOT_SLOT, true);

    pmap.protect(0, KvaLayout.USER_END, VmProt.READ);

    assertThat((pte(VA) | pte(NEXT_ROOT_SLOT)) & PteBits.RW).isZero();
    assertThat(pmap.statistics().wiredCount()).isEqualTo(1);
    assertThatThrownBy(() -> pmap.changeWiring(0x1000, true)).isInstanceOf(KernelPanic.class);
  }

  @Test
  void changesFlushOnlyTheMapThatIsOnTheCpu() {
    pmap.enter(VA, page(0), RW, false);
    pmap.enter(VA + PAGE, page(1), RW, false);
    pmap.remove(VA, VA + PAGE);
    assertThat(invalidated).as("the CPU is on the kernel's map").isEmpty();

    onCpu(pmap);
    pmap.protect(VA + PAGE, VA + 2 * PAGE, VmProt.READ);
    assertThat(invalidated).containsExactly(VA + PAGE);
    invalidated.clear();
    onCpu(vm.pmap());
    pmap.remove(VA + PAGE, VA + 2 * PAGE);

    assertThat(invalidated).isEmpty();
  }

  @Test
  void aTableThatGoesIsFlushedAsAWhole() {
    pmap.enter(VA, page(0), RW, false);
    onCpu(pmap);

    pmap.remove(VA, VA + PAGE);

    assertThat(invalidated).as("walks may be cached too").containsExactly(0L);
  }

  @Test
  void cr3IsLoadedWithoutFlagBitsAndAtEverySwitch() {
    List<Long> loaded = new ArrayList<>();
    vm.currentPmap().switchTo(pmap, loaded::add);
    vm.currentPmap().switchTo(pmap, loaded::add);
    vm.currentPmap().switchTo(vm.pmap(), loaded::add);

    long root = pmap.tables().pml4().value();
    assertThat(loaded).containsExactly(root, root, vm.pml4().value());
    assertThat(root & 0xFFF).isZero();
    assertThat(vm.currentPmap().get()).isSameAs(vm.pmap());
    assertThat(pmap.isActive()).isFalse();
  }

  @Test
  void theCheckerFindsAnEntryThatNobodyCounted() {
    pmap.enter(VA, page(0), RW, false);
    long pteAddress = PageTables.pteAddress(pmap.tables().pde(VA), VA + PAGE);
    pmap.tables().store(pteAddress, PteBits.V | PteBits.W);

    assertThat(vm.check()).extracting("invariant").contains("V1", "V2");

    pmap.tables().store(pteAddress, 0);
    assertThat(InvariantChecker.checkUnmapped(pmap, VA, VA + 2 * PAGE))
        .extracting("object")
        .containsExactly("mapping of 0x400000001000 in " + pmap);
  }

  @Test
  void aKernelAddressOfAUserMapGoesToTheSharedTables() {
    vm.pmap().enter(KvaLayout.KVA_START, page(0), RW, false);

    assertThat(pmap.extract(KvaLayout.KVA_START))
        .isEqualTo(vm.pmap().extract(KvaLayout.KVA_START))
        .isNotZero();
  }
}
