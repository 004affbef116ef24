package dev.kmemu.vm.check;

import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.UserMappings;

/** V1 to V4 for one user map, and the page-table pages it is made of. */
final class UserPmapChecks {

  private static final int FIRST_KERNEL_SLOT = 256;
  private static final int SLOTS = 512;

  private final Violations violations;
  private final PageArray pages;
  private final PageTables kernel;
  private final LeafChecks leaves;

  UserPmapChecks(Violations violations, PageArray pages, Pmap kernel, LeafChecks leaves) {
    this.violations = violations;
    this.pages = pages;
    this.kernel = kernel.tables();
    this.leaves = leaves;
  }

  void check(Pmap pmap) {
    LeafChecks.Count count = new LeafChecks.Count();
    UserMappings.forEach(
        pmap.tables(),
        new UserMappings.Visitor() {
          @Override
          public void visitLeaf(long va, long pte) {
            leaves.check(pmap, va, pte, count);
          }

          @Override
          public void visitTable(long pa, int entries) {
            count.tables++;
            checkTable(pmap, pa, entries);
          }
        });
    long tables = count.tables + 1;
    violations.expect(
        "V1",
        pmap + " resident_count against leaf entries and tables",
        count.leaves + tables,
        pmap.statistics().residentCount());
    leaves.checkCounts(pmap, count);
    var object = pmap.tableObject();
    violations.expect(
        "V1",
        pmap + " tables in the tree against pages of pm_pteobj",
        tables,
        object == null ? 0 : object.residentPageCount());
    checkRoot(pmap);
  }

  private void checkTable(Pmap pmap, long pa, int entries) {
    VmPage page = pages.find(pa);
    String name = String.format("table 0x%x of %s", pa, pmap);
    if (page == null) {
      violations.expectTrue("V1", name, "a vm_page", false, "memory of nobody");
      return;
    }
    if (pmap.holdsTables()) {
      violations.expect("V1", name + " hold_count against its entries", entries, page.holdCount());
    }
    violations.expect("V1", name + " wire_count", 1, page.wireCount());
    violations.expectTrue(
        "V1", name, "in pm_pteobj", page.owner() == pmap.tableObject(), page.owner());
  }

  private void checkRoot(Pmap pmap) {
    long root = pmap.tables().pml4().value();
    for (int slot = FIRST_KERNEL_SLOT; slot < SLOTS; slot++) {
      long offset = (long) slot * Long.BYTES;
      long entry = kernel.load(root + offset);
      String name = pmap + " PML4 slot " + slot;
      if (slot == KvaLayout.RECURSIVE_SLOT) {
        violations.expectAddress("V1", name, root, entry & PteBits.FRAME);
      } else {
        long kernels = kernel.load(kernel.pml4().value() + offset);
        violations.expectAddress("V1", name, kernels & PteBits.FRAME, entry & PteBits.FRAME);
      }
    }
  }
}
