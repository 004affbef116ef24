package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.CleanMap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.PvLists;
import dev.kmemu.vm.pmap.TlbShootdown;

/**
 * The managed mappings of pages in all physical maps: {@code pmap_page_protect} and the bits that
 * the CPU sets. Callers hold {@code vm_token}.
 */
final class PagePv {

  /** {@code pmap_ts_referenced} counts no further once it has more than this. */
  private static final int ENOUGH_REFERENCES = 4;

  private final TlbShootdown shootdown;
  private final CleanMap cleanMap;
  private final UserTables userTables;

  PagePv(TlbShootdown shootdown, CleanMap cleanMap, UserTables userTables) {
    this.shootdown = shootdown;
    this.cleanMap = cleanMap;
    this.userTables = userTables;
  }

  /** Carries the CPU's A and M of a managed entry that was removed over to its page. */
  static void harvest(VmPage page, long pte) {
    if ((pte & PteBits.M) != 0) {
      page.markDirty();
    }
    if ((pte & PteBits.A) != 0) {
      page.setFlag(PageFlags.REFERENCED);
    }
  }

  /** {@code pmap_remove_all}, without the flush. */
  void strip(VmPage page) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = page.firstPv()) {
      long va = pv.va;
      Pmap pmap = ((PmapPv) pv).pmap();
      long pte = pmap.tables().exchange(pteAddress(pmap, va), 0);
      shootdown.add(pmap, va);
      if ((pte & PteBits.W) != 0) {
        pmap.statistics().addWired(-1);
      }
      pmap.statistics().dropResident(1, "pmap_remove_all");
      harvest(page, pte);
      PvLists.remove(page, (PmapPv) pv);
      if (KvaLayout.isUser(va)) {
        userTables.release(pmap, va, 1);
      }
    }
  }

  /** {@code pmap_page_protect}: withdraws write access, or with NONE every mapping. */
  void pageProtect(VmPage page, int prot) {
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    if ((prot & (VmProt.READ | VmProt.EXECUTE)) == 0) {
      strip(page);
      shootdown.flush();
      return;
    }
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      long old = update(pv, PteBits.RW | PteBits.M);
      if ((old & PteBits.M) != 0) {
        page.markDirty();
      }
    }
    shootdown.flush();
    page.clearFlag(PageFlags.WRITEABLE);
  }

  /** {@code pmap_is_modified}. */
  boolean isModified(VmPage page) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      if (cleanMap.tracks(pv.va)) {
        Pmap pmap = ((PmapPv) pv).pmap();
        if ((pmap.tables().load(pteAddress(pmap, pv.va)) & PteBits.M) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** {@code pmap_clear_modify}. */
  void clearModify(VmPage page) {
    clear(page, PteBits.M);
  }

  /** {@code pmap_clear_reference}. */
  void clearReference(VmPage page) {
    clear(page, PteBits.A);
  }

  /**
   * {@code pmap_ts_referenced}: counts and clears A bits, 5 at most. What it looked at goes to the
   * end of the page's list, so that the next call begins with the others.
   */
  int tsReferenced(VmPage page) {
    int references = 0;
    PvEntry pv = page.firstPv();
    for (int left = page.pvCount(); pv != null && left > 0; left--) {
      PvEntry next = pv.nextOnPage();
      page.rotatePv(pv);
      if ((update(pv, PteBits.A) & PteBits.A) != 0 && ++references > ENOUGH_REFERENCES) {
        break;
      }
      pv = next;
    }
    shootdown.flush();
    return references;
  }

  private void clear(VmPage page, long bit) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      update(pv, bit);
    }
    shootdown.flush();
  }

  /** Clears bits of a mapping's entry, notes that a flush is due, and returns the old entry. */
  private long update(PvEntry pv, long clear) {
    Pmap pmap = ((PmapPv) pv).pmap();
    long old = pmap.tables().update(pteAddress(pmap, pv.va), clear, 0);
    if ((old & clear) != 0) {
      shootdown.add(pmap, pv.va);
    }
    return old;
  }

  private static long pteAddress(Pmap pmap, long va) {
    return PageTables.pteAddress(pmap.tables().pde(va), va);
  }
}
