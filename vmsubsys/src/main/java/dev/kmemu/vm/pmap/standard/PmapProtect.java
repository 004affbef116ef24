package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.TlbShootdown;

/**
 * {@code pmap_protect} and {@code pmap_change_wiring}. Callers hold {@code vm_token} and flush the
 * shootdown before they release it.
 */
final class PmapProtect {

  private final PageArray pages;
  private final TlbShootdown shootdown;

  PmapProtect(PageArray pages, TlbShootdown shootdown) {
    this.pages = pages;
    this.shootdown = shootdown;
  }

  void withdrawWrite(Pmap pmap, long start, long end) {
    PageTables tables = pmap.tables();
    for (long va = start; VmArith.below(va, end); ) {
      long pdeAddress = tables.pdeAddress(va);
      if (pdeAddress == 0) {
        va = PmapRemove.bounded(tables.endOfHole(va), end);
        continue;
      }
      long next = PmapRemove.nextTable(va, end);
      long pde = tables.load(pdeAddress);
      if (PageTables.isTable(pde)) {
        withdrawInTable(pmap, pde, va, next);
      } else if (pde != 0) {
        tables.update(pdeAddress, PteBits.RW | PteBits.M, 0);
        shootdown.addAll(pmap);
      }
      va = next;
    }
  }

  private void withdrawInTable(Pmap pmap, long pde, long start, long end) {
    PageTables tables = pmap.tables();
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
        PagePv.harvest(pages.at(old & PteBits.FRAME), old);
      }
      if ((old & clear) != 0) {
        shootdown.add(pmap, va);
      }
    }
  }

  void changeWiring(Pmap pmap, long va, boolean wired) {
    PageTables tables = pmap.tables();
    long pde = tables.pde(va);
    if (!PageTables.isTable(pde)) {
      throw KernelPanic.at("pmap_change_wiring: no page table", pmap, va, "");
    }
    long old = tables.update(PageTables.pteAddress(pde, va), PteBits.W, wired ? PteBits.W : 0);
    countWired(pmap, old, wired);
  }

  /** Counts a mapping whose entry was {@code old} and that is wired from now on, or isn't. */
  static void countWired(Pmap pmap, long old, boolean wired) {
    boolean was = (old & PteBits.W) != 0;
    if (was != wired) {
      pmap.statistics().addWired(wired ? 1 : -1);
    }
  }
}
