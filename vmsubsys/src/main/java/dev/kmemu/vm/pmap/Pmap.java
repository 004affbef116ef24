package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;

/**
 * {@code kernel_pmap}: the physical map of the kernel ({@code sys/platform/pc64/x86_64/pmap.c}),
 * managed and accounted mappings. Takes {@code vm_token} itself. {@code pgeflag} is 0, as on SMP.
 */
public final class Pmap {

  private static final long SMALL_MASK = PteBits.A | PteBits.M;

  private final Token token;
  private final PageTables tables;
  private final PmapMappings mappings;
  private final PmapStatistics statistics;
  private final TlbShootdown shootdown;
  private final PageArray pages;
  private int count = 1;

  /** Creates the map over the tables of {@code mappings}. */
  public Pmap(Token vmToken, PmapMappings mappings, PageArray pages) {
    this.token = vmToken;
    this.mappings = mappings;
    this.tables = mappings.tables();
    this.statistics = mappings.statistics();
    this.shootdown = mappings.shootdown();
    this.pages = pages;
  }

  /** Returns the page tables. */
  public PageTables tables() {
    return tables;
  }

  /** Returns the counts of mappings; read them under {@code vm_token}. */
  public PmapStatistics statistics() {
    return statistics;
  }

  /** Returns the managed mappings, for {@code pmap_page_protect} and the like. */
  public PmapMappings mappings() {
    return mappings;
  }

  /** {@code pm_count}. */
  public int referenceCount() {
    return count;
  }

  /** {@code pmap_reference}. */
  public void reference() {
    token.get();
    count++;
    token.release();
  }

  /**
   * {@code pmap_enter}: maps {@code page} at {@code va}, which is truncated to its page. A mapping
   * that is there already changes its protection and wiring; another page's is removed first.
   *
   * @param prot bits of {@link VmProt}
   * @throws KernelPanic without a page table for {@code va}, or where a 2 MiB page is mapped
   */
  public void enter(long va, VmPage page, int prot, boolean wired) {
    token.get();
    try {
      enterLocked(VmArith.truncPage(va), page, prot, wired);
    } finally {
      token.release();
    }
  }

  private void enterLocked(long va, VmPage page, int prot, boolean wired) {
    long pde = PageTables.covers(va) ? tables.load(tables.pdeAddress(va)) : 0;
    if (!PageTables.isTable(pde)) {
      throw enterPanic(va, pde);
    }
    long pteAddress = PageTables.pteAddress(pde, va);
    long old = tables.load(pteAddress);
    long entry = page.physAddr() | PteBits.V | PteBits.A;
    if ((old & PteBits.V) != 0 && (old & PteBits.FRAME) == page.physAddr()) {
      changeWired(old, wired);
      entry |= old & PteBits.MANAGED;
    } else {
      if (old != 0) {
        removePte(pteAddress, va);
      }
      if (!page.has(PageFlags.FICTITIOUS | PageFlags.UNMANAGED)) {
        mappings.insert(page, va);
        entry |= PteBits.MANAGED;
      }
      statistics.addResident();
      if (wired) {
        statistics.addWired(1);
      }
    }
    if ((prot & VmProt.WRITE) != 0) {
      entry |= PteBits.RW;
      page.setFlag(PageFlags.WRITEABLE);
    }
    if (wired) {
      entry |= PteBits.W;
    }
    write(pteAddress, va, page, old, entry);
  }

  private void write(long pteAddress, long va, VmPage page, long old, long entry) {
    if (((old ^ entry) & ~SMALL_MASK) != 0) {
      long replaced = tables.exchange(pteAddress, entry);
      if ((replaced & (PteBits.M | PteBits.MANAGED)) == (PteBits.M | PteBits.MANAGED)) {
        page.markDirty();
      }
    }
    // Also for an unchanged entry: whoever faulted on it had an older translation.
    if ((old & PteBits.V) != 0) {
      shootdown.add(va);
      shootdown.flush();
    }
  }

  private static KernelPanic enterPanic(long va, long pde) {
    return (pde & PteBits.PS) != 0
        ? new KernelPanic(
            "pmap_enter: attempted pmap_enter on 2MB page", String.format("va 0x%x", va))
        : new KernelPanic(String.format("pmap_enter: invalid page directory va=0x%x", va));
  }

  private void changeWired(long old, boolean wired) {
    boolean was = (old & PteBits.W) != 0;
    if (was != wired) {
      statistics.addWired(wired ? 1 : -1);
    }
  }

  /** {@code pmap_remove}: unmaps [start, end); a 2 MiB page in it goes as a whole. */
  public void remove(long start, long end) {
    token.get();
    try {
      if (statistics.residentCount() == 0) {
        return;
      }
      boolean single = end - start == VmArith.PAGE_SIZE;
      for (long va = start; VmArith.below(va, end); ) {
        long next = nextTable(va, end);
        long pdeAddress = tables.pdeAddress(va);
        long pde = tables.load(pdeAddress);
        if (PageTables.isTable(pde)) {
          removeFromTable(pde, va, next, single ? PteBits.V : -1L);
        } else if (pde != 0) {
          tables.exchange(pdeAddress, 0);
          shootdown.addAll();
          statistics.dropResident(512, "pmap_remove");
        }
        va = next;
      }
    } finally {
      shootdown.flush();
      token.release();
    }
  }

  /** Returns the start of the next page table's range, or {@code end} before that. */
  private static long nextTable(long va, long end) {
    long next = (va & -KvaLayout.NBPDR) + KvaLayout.NBPDR;
    return next == 0 ? end : VmArith.min(next, end);
  }

  private void removeFromTable(long pde, long start, long end, long skipUnless) {
    for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
      long pteAddress = PageTables.pteAddress(pde, va);
      if ((tables.load(pteAddress) & skipUnless) != 0) {
        removePte(pteAddress, va);
      }
    }
  }

  /** {@code pmap_remove_pte}: with full accounting, counted by {@code pmap_enter} or not. */
  private void removePte(long pteAddress, long va) {
    long old = tables.exchange(pteAddress, 0);
    if ((old & PteBits.V) != 0) {
      shootdown.add(va);
    }
    if ((old & PteBits.W) != 0) {
      statistics.addWired(-1);
    }
    statistics.dropResident(1, "pmap_remove_pte");
    if ((old & PteBits.MANAGED) != 0) {
      VmPage page = pages.at(old & PteBits.FRAME);
      PmapMappings.harvest(page, old);
      mappings.remove(page, va);
    }
  }

  /** {@code pmap_protect}: without READ removes, without WRITE withdraws write access. */
  public void protect(long start, long end, int prot) {
    if ((prot & VmProt.READ) == 0) {
      remove(start, end);
      return;
    }
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    token.get();
    try {
      for (long va = start; VmArith.below(va, end); ) {
        long next = nextTable(va, end);
        long pdeAddress = tables.pdeAddress(va);
        long pde = tables.load(pdeAddress);
        if (PageTables.isTable(pde)) {
          protectTable(pde, va, next);
        } else if (pde != 0) {
          tables.update(pdeAddress, PteBits.RW | PteBits.M, 0);
          shootdown.addAll();
        }
        va = next;
      }
    } finally {
      shootdown.flush();
      token.release();
    }
  }

  private void protectTable(long pde, long start, long end) {
    for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
      long pteAddress = PageTables.pteAddress(pde, va);
      long seen = tables.load(pteAddress);
      if ((seen & PteBits.V) == 0) {
        continue;
      }
      boolean managed = (seen & PteBits.MANAGED) != 0;
      long clear = managed ? PteBits.RW | PteBits.M | PteBits.A : PteBits.RW;
      long old = tables.update(pteAddress, clear, 0);
      if (managed) {
        PmapMappings.harvest(pages.at(old & PteBits.FRAME), old);
      }
      if ((old & clear) != 0) {
        shootdown.add(va);
      }
    }
  }

  /** {@code pmap_change_wiring}: of a mapping that exists; changes no translation. */
  public void changeWiring(long va, boolean wired) {
    token.get();
    try {
      long pteAddress = PageTables.pteAddress(tables.load(tables.pdeAddress(va)), va);
      long old = tables.update(pteAddress, PteBits.W, wired ? PteBits.W : 0);
      changeWired(old, wired);
    } finally {
      token.release();
    }
  }

  /**
   * {@code pmap_extract}: the physical address that {@code va} is mapped to, 0 when it isn't
   * mapped; never the bare page offset that upstream returns for an empty entry.
   */
  public long extract(long va) {
    token.get();
    try {
      return lookup(va);
    } finally {
      token.release();
    }
  }

  private long lookup(long va) {
    if (!PageTables.covers(va)) {
      return 0;
    }
    long pde = tables.load(tables.pdeAddress(va));
    if ((pde & PteBits.V) == 0) {
      return 0;
    }
    if ((pde & PteBits.PS) != 0) {
      return (pde & PteBits.FRAME & -KvaLayout.NBPDR) | (va & (KvaLayout.NBPDR - 1));
    }
    long pte = tables.load(PageTables.pteAddress(pde, va));
    return (pte & PteBits.V) == 0 ? 0 : (pte & PteBits.FRAME) | (va & VmArith.PAGE_MASK);
  }
}
