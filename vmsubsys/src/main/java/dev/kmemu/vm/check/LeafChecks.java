package dev.kmemu.vm.check;

import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;

/** What is asked of a page-table entry that maps a page, in any physical map. */
final class LeafChecks {

  private final Violations violations;
  private final PageArray pages;
  private final CoverageChecks coverage;
  private final MappingCounts mappings;

  LeafChecks(
      Violations violations, PageArray pages, CoverageChecks coverage, MappingCounts mappings) {
    this.violations = violations;
    this.pages = pages;
    this.coverage = coverage;
    this.mappings = mappings;
  }

  /** What a walk over page tables has found. */
  static final class Count {
    long leaves;
    long managed;

    /** Unmanaged ones that show what a fault enters there. */
    long faulted;

    long wired;
    long tables;
  }

  void check(Pmap pmap, long va, long pte, Count count) {
    count.leaves++;
    if ((pte & PteBits.W) != 0) {
      count.wired++;
    }
    if ((pte & PteBits.MANAGED) != 0) {
      count.managed++;
      checkManaged(pmap, va, pte);
    } else if (coverage.isFaulted(pmap, va, pte & PteBits.FRAME)) {
      count.faulted++;
    }
  }

  private void checkManaged(Pmap pmap, long va, long pte) {
    VmPage page = pages.find(pte & PteBits.FRAME);
    String name = String.format("PTE of 0x%x of %s", va, pmap);
    if (page == null) {
      violations.expectTrue("V3", name, "maps a vm_page", false, Long.toHexString(pte));
      return;
    }
    mappings.add(page);
    coverage.check(pmap, va, page);
    if ((pte & PteBits.RW) != 0) {
      violations.expectTrue(
          "V4",
          name + " and " + page,
          "WRITEABLE, as the entry has RW",
          page.has(PageFlags.WRITEABLE),
          "flag clear");
    }
    violations.expect(
        "V5",
        name + ", NX and U",
        KvaLayout.isUser(va) ? PteBits.U : 0,
        pte & (PteBits.NX | PteBits.U));
  }

  /** V2 and V3: a map's counts, and its PV list if there is one, against its entries. */
  void checkCounts(Pmap pmap, Count count) {
    violations.expect(
        "V2",
        pmap + " wired_count against wired entries",
        count.wired,
        pmap.statistics().wiredCount());
    if (pmap.keepsPvLists()) {
      checkPvList(pmap, count);
    }
  }

  private void checkPvList(Pmap pmap, Count count) {
    violations.expect(
        "V3", pmap + " PV entries against managed entries", count.managed, pmap.pvCount());
    int listed = 0;
    for (PmapPv pv = pmap.firstPv(); pv != null; pv = pv.nextOnPmap()) {
      listed++;
      String name = String.format("PV entry at 0x%x of %s", pv.va, pmap);
      violations.expectTrue("V3", name, "linked to its map", pv.pmap() == pmap, pv.pmap());
      VmPage page = pv.page;
      violations.expectAddress(
          "V3",
          name + ", its page against its PTE",
          page == null ? 0 : page.physAddr(),
          pmap.tables().pte(pv.va) & PteBits.FRAME);
    }
    violations.expect("V3", pmap + " PV list", listed, pmap.pvCount());
  }
}
