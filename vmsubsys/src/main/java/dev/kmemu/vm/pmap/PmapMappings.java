package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * The managed mappings of the kernel's physical map, seen from their pages: PV entries, {@code
 * pmap_page_protect} and the bits that the CPU sets. Callers hold {@code vm_token}.
 */
public final class PmapMappings implements PageMappings {

  /** {@code pmap_ts_referenced} counts no further once it has more than this. */
  private static final int ENOUGH_REFERENCES = 4;

  private final PageTables tables;
  private final PmapStatistics statistics = new PmapStatistics();
  private final PvEntries entries = new PvEntries();
  private final TlbShootdown shootdown;

  /** Creates a map without managed mappings. */
  public PmapMappings(PageTables tables, TlbControl tlb) {
    this.tables = tables;
    this.shootdown = new TlbShootdown(tlb);
  }

  PageTables tables() {
    return tables;
  }

  PmapStatistics statistics() {
    return statistics;
  }

  TlbShootdown shootdown() {
    return shootdown;
  }

  /** Returns the number of PV entries. */
  public int count() {
    return entries.count();
  }

  /** Returns the first PV entry of {@code pm_pvlist}. */
  public @Nullable PvEntry first() {
    return entries.first();
  }

  /** {@code pmap_insert_entry}. */
  void insert(VmPage page, long va) {
    page.addPv(entries.add(va));
  }

  /** {@code pmap_remove_entry}: the managed mapping of {@code page} at {@code va} is gone. */
  void remove(VmPage page, long va) {
    PvEntry pv = page.firstPv();
    while (pv != null && pv.va != va) {
      pv = pv.nextOnPage();
    }
    if (pv == null) {
      throw new KernelPanic(
          "pmap_remove_entry: no PV entry", String.format("va 0x%x, %s", va, page));
    }
    page.removePv(pv);
    entries.remove(pv);
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
      long pte = tables.exchange(pteAddress(va), 0);
      shootdown.add(va);
      if ((pte & PteBits.W) != 0) {
        statistics.addWired(-1);
      }
      statistics.dropResident(1, "pmap_remove_all");
      harvest(page, pte);
      remove(page, va);
    }
    page.clearFlag(PageFlags.MAPPED | PageFlags.WRITEABLE);
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
      long old = tables.update(pteAddress(pv.va), PteBits.RW | PteBits.M, 0);
      if ((old & PteBits.M) != 0) {
        page.markDirty();
      }
      if ((old & (PteBits.RW | PteBits.M)) != 0) {
        shootdown.add(pv.va);
      }
    }
    shootdown.flush();
    page.clearFlag(PageFlags.WRITEABLE);
  }

  @Override
  public boolean isModified(VmPage page) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      if ((tables.load(pteAddress(pv.va)) & PteBits.M) != 0) {
        return true;
      }
    }
    return false;
  }

  /** {@code pmap_clear_modify}. */
  public void clearModify(VmPage page) {
    clear(page, PteBits.M);
  }

  /** {@code pmap_clear_reference}. */
  public void clearReference(VmPage page) {
    clear(page, PteBits.A);
  }

  /** {@code pmap_ts_referenced}: counts and clears A bits, 5 at most. */
  public int testAndClearReferenced(VmPage page) {
    int references = 0;
    for (PvEntry pv = page.firstPv();
        pv != null && references <= ENOUGH_REFERENCES;
        pv = pv.nextOnPage()) {
      if ((tables.update(pteAddress(pv.va), PteBits.A, 0) & PteBits.A) != 0) {
        shootdown.add(pv.va);
        references++;
      }
    }
    shootdown.flush();
    return references;
  }

  private void clear(VmPage page, long bit) {
    for (PvEntry pv = page.firstPv(); pv != null; pv = pv.nextOnPage()) {
      if ((tables.update(pteAddress(pv.va), bit, 0) & bit) != 0) {
        shootdown.add(pv.va);
      }
    }
    shootdown.flush();
  }

  private long pteAddress(long va) {
    return PageTables.pteAddress(tables.load(tables.pdeAddress(va)), va);
  }
}
