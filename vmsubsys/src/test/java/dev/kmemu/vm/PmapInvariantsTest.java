package dev.kmemu.vm;

import static dev.kmemu.vm.Tampering.assertReports;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.SysctlLeaf;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of page tables, broken by hand, is reported with both views. */
class PmapInvariantsTest {

  private final TestKernel kernel = TestKernel.small();
  private final Pmap pmap = kernel.vm.pmap();
  private final long va = kernel.alloc(2 * PAGE);
  private final VmPage page = kernel.pageAt(va);
  private final String address = String.format("0x%x", va);

  @BeforeEach
  void allIsWell() {
    kernel.check();
  }

  private void assertFinds(String invariant, String of, Object expected, Object actual) {
    assertReports(kernel.vm, invariant, of, expected.toString(), actual.toString());
  }

  private void changePte(long at, long clear, long set) {
    PageTables tables = pmap.tables();
    tables.update(PageTables.pteAddress(tables.pde(at), at), clear, set);
  }

  @Test
  void v1AMappingIsNotCounted() {
    Tampering.set(pmap.statistics(), "residentCount", 1L);

    assertFinds("V1", "kernel_pmap resident_count", 2, 1);
  }

  @Test
  void v2AWiredMappingIsNotCounted() {
    changePte(va, PteBits.W, 0);

    assertFinds("V2", "kernel_pmap wired_count", 1, 2);
  }

  @Test
  void v3AManagedEntryWentWithoutItsPvEntry() {
    changePte(va, -1L, 0);

    assertFinds("V3", "PV entries against managed entries", 1, 2);
    assertFinds("V3", "PV entry at " + address, String.format("0x%x", page.physAddr()), "0x0");
    assertFinds("V5", "mapping of " + address, String.format("0x%x", page.physAddr()), "0x0");
  }

  @Test
  void v3APageHasPvEntriesButIsNotMarkedMapped() {
    page.clearFlag(PageFlags.MAPPED);

    assertFinds("V3", "page " + page.address(), "MAPPED iff", "1 entries");
  }

  @Test
  void v3TheCountOfAPagesMappingsIsWrong() {
    Tampering.set(page, "pvCount", 3);

    assertFinds("V3", "page " + page.address(), 1, 3);
  }

  @Test
  void v4AnEntryCanBeWrittenThoughItsPageIsNotMarkedSo() {
    page.clearFlag(PageFlags.WRITEABLE);

    assertFinds("V4", address, "WRITEABLE", "flag clear");
  }

  @Test
  void v5AnEntryShowsAnotherPage() {
    VmPage other = kernel.pageAt(va + PAGE);
    changePte(va, PteBits.FRAME, other.physAddr());

    assertFinds("V5", address, "page " + page.address(), "page " + other.address());
    assertFinds(
        "V5",
        address,
        String.format("0x%x", page.physAddr()),
        String.format("0x%x", other.physAddr()));
  }

  @Test
  void v5AKernelEntryIsOpenToUsers() {
    changePte(va, 0, PteBits.U);

    assertFinds("V5", address, 0, PteBits.U);
  }

  @Test
  void v6SomethingIsMappedInMemoryWithoutAnObject() {
    long pageable = kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow().value();
    pmap.enter(pageable, page, VmProt.READ | VmProt.WRITE, false);

    assertFinds(
        "V6", String.format("0x%x", pageable), "without an object", "page " + page.address());
  }

  @Test
  void v7SomethingIsMappedOutsideAllEntries() {
    long free = va + 2 * PAGE;
    pmap.enter(free, page, VmProt.READ | VmProt.WRITE, false);

    assertFinds("V7", String.format("0x%x", free), "outside all entries", "page " + page.address());
  }

  @Test
  void v7ARangeThatWasFreedIsNotEmpty() {
    kernel.vm.kernelEnter().kenter(va + 2 * PAGE, page.physAddr());

    assertThat(InvariantChecker.checkUnmapped(pmap, va + 2 * PAGE, va + 4 * PAGE))
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.invariant()).isEqualTo("V7");
              assertThat(violation.object()).contains(String.format("0x%x", va + 2 * PAGE));
              assertThat(violation.expected()).isEqualTo("0x0");
              assertThat(violation.actual()).isEqualTo(String.format("0x%x", page.physAddr()));
            });
  }

  @Test
  void v8APageTableBelowTheMarkIsMissing() {
    long second = KvaLayout.KVA_START + KvaLayout.NBPDR;
    kernel.vm.kmem().allocPageable(kernel.map(), 2 * KvaLayout.NBPDR).orThrow();
    kernel.check();
    PageTables tables = pmap.tables();
    tables.exchange(tables.pdeAddress(second), 0);

    assertFinds("V8", String.format("PDE of 0x%x", second), "valid", "0");
  }

  @Test
  void v8TheMarkIsNotAMultipleOfATable() {
    Tampering.set(Tampering.get(kernel.vm.growth(), "tables"), "end", KvaLayout.KVA_START + PAGE);

    assertFinds("V8", "kernel_vm_end", "a multiple of 2 MiB", "ffffffe000001000");
  }

  @Test
  void v8TheSysctlTellsOfAnotherMark() {
    long free = KvaLayout.KVA_END - kernel.vm.growth().kernelVmEnd();
    SysctlLeaf other = SysctlLeaf.ulong("vm.kvm_free", "Amount of KVM free", () -> free - 1);

    Tampering.set(kernel.vm, "sysctl", new Sysctl(List.of(other)));

    assertFinds("V8", "vm.kvm_free", String.format("0x%x", free), free - 1);
  }
}
