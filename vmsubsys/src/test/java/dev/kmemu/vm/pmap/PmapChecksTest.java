package dev.kmemu.vm.pmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.check.Violation;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of page tables, broken by hand in the kernel's or a user's, is found. */
class PmapChecksTest {

  private static final long PAGE = 4096;
  private static final long VA = 0x4000_0000_1000L;

  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(8L << 20)),
          TlbControl.none(),
          KernelVmConfig.of(new PhysicalAddress(1L << 20)));
  private final long kva = vm.kmem().alloc(vm.kernelMap(), PAGE).orThrow().value();
  private final VmObject object = vm.objects().allocate(ObjectType.DEFAULT, 4);
  private final Pmap user = vm.userPmaps().pinit();

  @BeforeEach
  void aUserPageIsMapped() {
    vm.tokens().vm().get();
    VmPage page = Objects.requireNonNull(vm.allocator().alloc(object, 0, AllocRequest.NORMAL));
    vm.pageState().wakeup(page);
    user.enter(VA, page, VmProt.READ | VmProt.WRITE, false);
    assertThat(vm.check()).isEmpty();
  }

  @AfterEach
  void releaseToken() {
    vm.tokens().vm().release();
  }

  private void assertFinds(String invariant, String what) {
    assertThat(vm.check())
        .anySatisfy(
            violation -> {
              assertThat(violation.invariant()).isEqualTo(invariant);
              assertThat(violation.toString()).contains(what);
            });
  }

  private static void setBits(Pmap pmap, long va, long clear, long set) {
    PageTables tables = pmap.tables();
    tables.update(PageTables.pteAddress(tables.pde(va), va), clear, set);
  }

  private VmPage table() {
    return vm.pages().at(user.tables().pde(VA) & PteBits.FRAME);
  }

  private void assertFindsTable(String what) {
    String table = String.format("table 0x%x of %s", table().physAddr(), user);
    assertFinds("V1", table + what);
  }

  @Test
  void aKernelMappingThatNobodyCounted() {
    vm.pmap().statistics().addResident();
    assertFinds("V1", "kernel_pmap resident_count");
  }

  @Test
  void aWiredKernelMappingThatNobodyCounted() {
    vm.pmap().statistics().addWired(1);
    assertFinds("V2", "kernel_pmap wired_count");
  }

  @Test
  void aUserMappingThatNobodyCounted() {
    user.statistics().addResident();
    assertFinds("V1", user + " resident_count");
  }

  @Test
  void aWiredUserMappingThatNobodyCounted() {
    setBits(user, VA, 0, PteBits.W);
    assertFinds("V2", user + " wired_count");
  }

  @Test
  void aPvEntryWithoutItsPage() {
    PmapPv pv = Objects.requireNonNull(user.firstPv());
    VmPage page = Objects.requireNonNull(pv.page);
    page.removePv(pv);
    assertFinds("V3", String.format("PV entry at 0x%x of %s, its page", VA, user));
  }

  @Test
  void aPvEntryOfAnotherMap() {
    Objects.requireNonNull(user.firstPv()).owner = vm.pmap();
    assertFinds("V3", "expected linked to its map");
  }

  @Test
  void aPvEntryWithoutAMapping() {
    user.entries().add(VA + PAGE);
    assertFinds("V3", user + " PV entries against managed entries");
  }

  @Test
  void aListOfPvEntriesThatLostOne() {
    VmPage page = Objects.requireNonNull(vm.allocator().alloc(object, 1, AllocRequest.NORMAL));
    user.enter(VA + PAGE, page, VmProt.READ, false);
    Objects.requireNonNull(user.firstPv()).nextOnPmap = null;
    assertFinds("V3", user + " PV list: expected 1, found 2");
  }

  @Test
  void aManagedMappingOfWhatIsNoPage() {
    setBits(user, VA, PteBits.FRAME, 0);
    assertFinds("V3", String.format("PTE of 0x%x of %s: expected maps a vm_page", VA, user));
  }

  @Test
  void aUserMappingThatOnlyTheKernelCanUse() {
    setBits(user, VA, PteBits.U, 0);
    assertFinds("V5", String.format("PTE of 0x%x of %s, NX and U", VA, user));
  }

  @Test
  void aKernelMappingThatUsersCanUse() {
    setBits(vm.pmap(), kva, 0, PteBits.U);
    assertFinds("V5", String.format("PTE of 0x%x of kernel_pmap, NX and U", kva));
  }

  @Test
  void aTableWithMoreHoldsThanEntries() {
    vm.pageState().hold(table());
    assertFindsTable(" hold_count against its entries: expected 1, found 2");
  }

  @Test
  void aTableThatIsWiredTwice() {
    vm.pageState().wire(table());
    assertFindsTable(" wire_count");
  }

  @Test
  void aTableThatIsBusy() {
    vm.pageState().busy(table());
    assertFinds("P1", "expected not busy");
  }

  @Test
  void aTableThatBelongsToAnotherObject() {
    VmPage table = table();
    vm.pageState().busy(table);
    vm.allocator().remove(table);
    vm.allocator().insert(table, object, 3);
    vm.pageState().wakeup(table);
    assertFindsTable(": expected in pm_pteobj");
    assertFinds("V1", user + " tables in the tree");
  }

  @Test
  void aTableThatIsNoPage() {
    PageTables tables = user.tables();
    long slot = tables.slotAddress(VA, PageTables.PD_SHIFT);
    tables.update(slot, PteBits.FRAME, vm.pml4().value());
    assertFinds("V1", "expected a vm_page");
  }

  @Test
  void aRootThatDoesNotShareTheKernelsDirectories() {
    long root = user.tables().pml4().value();
    user.tables().store(root + 511 * 8, 0);
    assertFinds("V1", user + " PML4 slot 511");
  }

  @Test
  void aRootThatDoesNotShowItsOwnTables() {
    long slot = (long) KvaLayout.RECURSIVE_SLOT * Long.BYTES;
    PageTables tables = user.tables();
    tables.store(tables.pml4().value() + slot, tables.load(vm.pml4().value() + slot));
    assertFinds("V1", user + " PML4 slot " + KvaLayout.RECURSIVE_SLOT);
  }

  @Test
  void aPageTableThatIsMissingBelowTheMark() {
    long last = vm.growth().kernelVmEnd() - KvaLayout.NBPDR;
    vm.pmap().tables().store(vm.pmap().tables().pdeAddress(last), 0);
    assertFinds("V8", String.format("PDE of 0x%x", last));
  }

  @Test
  void mappingsInARangeThatIsToHaveNoneAreNamed() {
    assertThat(InvariantChecker.checkUnmapped(user, VA - PAGE, VA)).isEmpty();
    assertThat(InvariantChecker.checkUnmapped(user, VA - PAGE, VA + PAGE))
        .singleElement()
        .extracting(Violation::invariant, Violation::object)
        .containsExactly("V7", String.format("mapping of 0x%x in %s", VA, user));
  }
}
