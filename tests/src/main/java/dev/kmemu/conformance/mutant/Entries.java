package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;

/** Tampers with the entries that mutants get wrong. */
final class Entries {

  private Entries() {}

  /** Clears and sets bits of the entry that maps {@code va}, if there is one. */
  static void change(Pmap pmap, long va, long clear, long set) {
    PageTables tables = pmap.tables();
    long pde = tables.pde(va);
    if (PageTables.isTable(pde) && (tables.pte(va) & PteBits.V) != 0) {
      tables.update(PageTables.pteAddress(pde, va), clear, set);
    }
  }

  /** Clears bits of every managed entry of [start, end). */
  static void clearManaged(Pmap pmap, long start, long end, long bits) {
    for (PmapPv pv = pmap.firstPv(); pv != null; pv = pv.nextOnPmap()) {
      if (Long.compareUnsigned(pv.va, start) >= 0 && Long.compareUnsigned(pv.va, end) < 0) {
        change(pmap, pv.va, bits, 0);
      }
    }
  }

  /** Clears bits of every managed entry that maps {@code page}. */
  static void clearManaged(VmPage page, long bits) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      change(((PmapPv) pv).pmap(), pv.va, bits, 0);
    }
  }
}
