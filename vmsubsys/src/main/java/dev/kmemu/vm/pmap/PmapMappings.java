package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * The managed mappings of pages in all physical maps: PV entries, {@code pmap_page_protect} and the
 * bits that the CPU sets. Callers hold {@code vm_token}.
 */
public final class PmapMappings implements PageMappings {

  /** {@code pmap_ts_referenced} counts no further once it has more than this. */
  private static final int ENOUGH_REFERENCES = 4;

  private final TlbShootdown shootdown;
  private long cleanStart;
  private long cleanEnd;

  PmapMappings(TlbShootdown shootdown) {
    this.shootdown = shootdown;
  }

  /** {@code clean_sva}, {@code clean_eva}: where nobody asks whether a page was modified. */
  public void setCleanMap(long start, long end) {
    cleanStart = start;
    cleanEnd = end;
  }

  /** {@code pmap_insert_entry}. */
  void insert(Pmap pmap, VmPage page, long va) {
    page.addPv(pmap.entries().add(va));
  }

  /** {@code pmap_remove_entry}: the managed mapping of {@code page} at {@code va} is gone. */
  void remove(Pmap pmap, VmPage page, long va) {
    PmapPv pv = find(pmap, page, va);
    if (pv == null) {
      throw KernelPanic.at("pmap_remove_entry: no PV entry", pmap, va, page.toString());
    }
    remove(page, pv);
  }

  /** Looks through the lists of the page and of the map at once, so that the shorter way counts. */
  private static @Nullable PmapPv find(Pmap pmap, VmPage page, long va) {
    PmapPv ofPmap = pmap.firstPv();
    for (PvEntry pv = page.firstPv(); pv != null && ofPmap != null; pv = pv.nextOnPage()) {
      if (pv.va == va && ((PmapPv) pv).owner == pmap) {
        return (PmapPv) pv;
      }
      if (ofPmap.va == va && ofPmap.page == page) {
        return ofPmap;
      }
      ofPmap = ofPmap.nextOnPmap();
    }
    return null;
  }

  private static void remove(VmPage page, PmapPv pv) {
    Pmap pmap = pv.pmap();
    page.removePv(pv);
    pmap.entries().remove(pv);
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

  /** {@code pmap_remove_all}. */
  @Override
  public void removeAll(VmPage page) {
    strip(page);
    flush();
  }

  @Override
  public void flush() {
    shootdown.flush();
  }

  @Override
  public void strip(VmPage page) {
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
      remove(page, (PmapPv) pv);
      if (KvaLayout.isUser(va)) {
        pmap.userTables().release(pmap, va, 1);
      }
    }
  }

  /** {@code pmap_page_protect}: withdraws write access, or with NONE every mapping. */
  public void pageProtect(VmPage page, int prot) {
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    if ((prot & (VmProt.READ | VmProt.EXECUTE)) == 0) {
      removeAll(page);
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

  @Override
  public void protectRead(VmPage page) {
    pageProtect(page, VmProt.READ);
  }

  @Override
  public boolean isModified(VmPage page) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      if (isTracked(pv.va)) {
        Pmap pmap = ((PmapPv) pv).pmap();
        if ((pmap.tables().load(pteAddress(pmap, pv.va)) & PteBits.M) != 0) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isTracked(long va) {
    return VmArith.below(va, cleanStart) || !VmArith.below(va, cleanEnd);
  }

  /** {@code pmap_clear_modify}. */
  public void clearModify(VmPage page) {
    clear(page, PteBits.M);
  }

  /** {@code pmap_clear_reference}. */
  public void clearReference(VmPage page) {
    clear(page, PteBits.A);
  }

  /**
   * {@code pmap_ts_referenced}: counts and clears A bits, 5 at most. What it looked at goes to the
   * end of the page's list, so that the next call begins with the others.
   */
  public int testAndClearReferenced(VmPage page) {
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

  @Override
  public int tsReferenced(VmPage page) {
    return testAndClearReferenced(page);
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

  /** Exchanges the bounds of the clean map with a snapshot. */
  public void exchange(StateExchange state) {
    cleanStart = state.exchange(cleanStart);
    cleanEnd = state.exchange(cleanEnd);
  }
}
