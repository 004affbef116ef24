package dev.kmemu.vm.check;

import dev.kmemu.vm.kern.Sysctl;
import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelMappings;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;

/** V1 to V5 and V8: the kernel's tables against the pages and entries they come from. */
final class PmapChecks {

  private final Violations violations;
  private final Pmap pmap;
  private final PageArray pages;
  private final LeafChecks leaves;
  private final MappingCounts mappings;

  PmapChecks(
      Violations violations,
      Pmap pmap,
      PageArray pages,
      LeafChecks leaves,
      MappingCounts mappings) {
    this.violations = violations;
    this.pmap = pmap;
    this.pages = pages;
    this.leaves = leaves;
    this.mappings = mappings;
  }

  /**
   * V1 to V4: what the kernel's tables hold. A page that was entered into them has a PV entry, or
   * is one that has none, as a device's; what {@code pmap_kenter} wrote counts nowhere.
   */
  void checkTables() {
    LeafChecks.Count count = new LeafChecks.Count();
    KernelMappings.forEach(pmap.tables(), (va, pte) -> leaves.check(pmap, va, pte, count));
    violations.expect(
        "V1",
        pmap + " resident_count against managed and faulted entries",
        count.managed + count.faulted,
        pmap.statistics().residentCount());
    leaves.checkCounts(pmap, count);
  }

  /** V3: what all pages say of their mappings; after all tables have been walked. */
  void checkPages() {
    for (int i = 0; i < pages.size(); i++) {
      VmPage page = pages.get(i);
      int mapped = mappings.of(page);
      violations.expectTrue(
          "V3",
          page,
          "MAPPED iff a managed entry maps it",
          (mapped > 0) == page.has(PageFlags.MAPPED),
          mapped + " entries");
      if (pmap.keepsPvLists()) {
        checkPvList(page, mapped);
      }
    }
  }

  private void checkPvList(VmPage page, int mapped) {
    int count = 0;
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      count++;
      violations.expectAddress(
          "V3",
          String.format("PV entry of %s at 0x%x", page, pv.va),
          page.physAddr(),
          ((PmapPv) pv).pmap().tables().pte(pv.va) & PteBits.FRAME);
    }
    violations.expect("V3", page + " pv_list_count", count, page.pvCount());
    violations.expect("V3", page + " PV entries against managed entries", mapped, count);
  }

  /** V5: wired kernel memory is mapped to its own pages. */
  void checkWired(VmObject kernelObject, List<VmMapEntry> entries) {
    for (VmMapEntry e : entries) {
      for (long va = e.start(); e.wiredCount() > 0 && va != e.end(); va += VmArith.PAGE_SIZE) {
        VmPage page = kernelObject.residentPage(VmArith.offToIdx(va));
        violations.expectAddress(
            "V5",
            String.format("mapping of 0x%x", va),
            page == null ? 0 : page.physAddr(),
            pmap.extract(va));
      }
    }
  }

  /** V8: page tables exist below the mark. */
  void checkGrowth(long kernelVmEnd, Sysctl sysctl) {
    SysctlReply reply = sysctl.read("vm.kvm_free");
    long free = KvaLayout.KVA_END - kernelVmEnd;
    violations.expectTrue(
        "V8",
        "vm.kvm_free",
        String.format("KvaEnd - kernel_vm_end, 0x%x", free),
        reply instanceof SysctlReply.Value value && value.value() == free,
        reply);
    violations.expectTrue(
        "V8",
        "kernel_vm_end",
        "a multiple of 2 MiB or KvaEnd",
        (kernelVmEnd & (KvaLayout.NBPDR - 1)) == 0 || kernelVmEnd == KvaLayout.KVA_END,
        Long.toHexString(kernelVmEnd));
    PageTables tables = pmap.tables();
    // The last directory's range ends with the address space.
    for (long va = KvaLayout.KVA_START;
        va != 0 && VmArith.below(va, kernelVmEnd);
        va += KvaLayout.NBPDR) {
      long pde = tables.load(tables.pdeAddress(va));
      violations.expectTrue(
          "V8",
          String.format("PDE of 0x%x", va),
          "valid",
          (pde & PteBits.V) != 0,
          Long.toHexString(pde));
    }
  }
}
