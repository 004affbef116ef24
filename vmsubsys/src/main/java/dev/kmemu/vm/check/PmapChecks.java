package dev.kmemu.vm.check;

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
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;

/** V1 to V5 and V8: page tables against the pages and entries they come from. */
final class PmapChecks {

  private final Violations violations;
  private final Pmap pmap;
  private final PageArray pages;

  PmapChecks(Violations violations, Pmap pmap, PageArray pages) {
    this.violations = violations;
    this.pmap = pmap;
    this.pages = pages;
  }

  /** V1 to V3: what the page tables hold. Every page that is entered has PV entries here. */
  void checkTables() {
    Count count = new Count();
    KernelMappings.forEach(
        pmap.tables(),
        (va, pte) -> {
          if ((pte & PteBits.MANAGED) != 0) {
            count.managed++;
            checkManaged(va, pte);
          }
          if ((pte & PteBits.W) != 0) {
            count.wired++;
          }
        });
    violations.expect(
        "V1", "kernel_pmap resident_count", count.managed, pmap.statistics().residentCount());
    violations.expect("V2", "kernel_pmap wired_count", count.wired, pmap.statistics().wiredCount());
    violations.expect("V3", "kernel_pmap PV entries", count.managed, pmap.mappings().count());
  }

  private static final class Count {
    long managed;
    long wired;
  }

  private void checkManaged(long va, long pte) {
    VmPage page = pages.find(pte & PteBits.FRAME);
    if (page == null) {
      violations.expectTrue("V3", String.format("PTE of 0x%x", va), "maps a vm_page", false);
      return;
    }
    if ((pte & PteBits.RW) != 0) {
      violations.expectTrue("V4", page, "WRITEABLE", page.has(PageFlags.WRITEABLE));
    }
    violations.expect(
        "V5", String.format("PTE of 0x%x, NX and U", va), 0, pte & (PteBits.NX | PteBits.U));
  }

  /** V3: the PV lists of all pages. */
  void checkPvLists() {
    for (int i = 0; i < pages.size(); i++) {
      VmPage page = pages.get(i);
      int count = 0;
      for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
        count++;
        violations.expectAddress(
            "V3",
            String.format("PV entry of %s at 0x%x", page, pv.va),
            page.physAddr(),
            pmap.tables().pte(pv.va) & PteBits.FRAME);
      }
      violations.expect("V3", page + " pv_list_count", count, page.pvCount());
      violations.expectTrue(
          "V3", page, "MAPPED iff it has PV entries", (count > 0) == page.has(PageFlags.MAPPED));
    }
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
  void checkGrowth(long kernelVmEnd) {
    violations.expectTrue(
        "V8",
        "kernel_vm_end",
        "a multiple of 2 MiB or KvaEnd",
        (kernelVmEnd & (KvaLayout.NBPDR - 1)) == 0 || kernelVmEnd == KvaLayout.KVA_END);
    PageTables tables = pmap.tables();
    for (long va = KvaLayout.KVA_START; va != kernelVmEnd; va += KvaLayout.NBPDR) {
      violations.expectTrue(
          "V8",
          String.format("PDE of 0x%x", va),
          "valid",
          (tables.load(tables.pdeAddress(va)) & PteBits.V) != 0);
    }
  }
}
