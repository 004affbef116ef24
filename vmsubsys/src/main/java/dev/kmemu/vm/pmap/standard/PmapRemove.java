package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.PvLists;
import dev.kmemu.vm.pmap.TlbShootdown;

/**
 * {@code pmap_remove} and {@code pmap_remove_pages}. Callers hold {@code vm_token} and flush the
 * shootdown before they release it.
 */
final class PmapRemove {

  private final PageArray pages;
  private final UserTables userTables;
  private final TlbShootdown shootdown;

  PmapRemove(PageArray pages, UserTables userTables, TlbShootdown shootdown) {
    this.pages = pages;
    this.userTables = userTables;
    this.shootdown = shootdown;
  }

  void remove(Pmap pmap, long start, long end) {
    if (pmap.statistics().residentCount() == 0) {
      return;
    }
    PageTables tables = pmap.tables();
    boolean single = end - start == VmArith.PAGE_SIZE;
    for (long va = start; VmArith.below(va, end); ) {
      long pdeAddress = tables.pdeAddress(va);
      if (pdeAddress == 0) {
        va = bounded(tables.endOfHole(va), end);
        continue;
      }
      long next = nextTable(va, end);
      long pde = tables.load(pdeAddress);
      if (PageTables.isTable(pde)) {
        removeFromTable(pmap, pde, va, next, single ? PteBits.V : -1L);
      } else if (pde != 0) {
        tables.exchange(pdeAddress, 0);
        shootdown.addAll(pmap);
        pmap.statistics().dropResident(512, "pmap_remove");
      }
      va = next;
    }
  }

  /** Returns the start of the next page table's range, or {@code end} before that. */
  static long nextTable(long va, long end) {
    return bounded((va & -KvaLayout.NBPDR) + KvaLayout.NBPDR, end);
  }

  /** Returns the lower of the two; {@code next} is 0 behind the end of the address space. */
  static long bounded(long next, long end) {
    return next == 0 ? end : VmArith.min(next, end);
  }

  private void removeFromTable(Pmap pmap, long pde, long start, long end, long skipUnless) {
    PageTables tables = pmap.tables();
    int removed = 0;
    for (long va = start; va != end; va += VmArith.PAGE_SIZE) {
      long pteAddress = PageTables.pteAddress(pde, va);
      if ((tables.load(pteAddress) & skipUnless) != 0) {
        removePte(pmap, pteAddress, va);
        removed++;
      }
    }
    if (removed != 0 && KvaLayout.isUser(start)) {
      userTables.release(pmap, start, removed);
    }
  }

  /**
   * {@code pmap_remove_pte}: with full accounting, counted by {@code pmap_enter} or not; the hold
   * on the page table stays.
   */
  void removePte(Pmap pmap, long pteAddress, long va) {
    long old = pmap.tables().exchange(pteAddress, 0);
    if ((old & PteBits.V) != 0) {
      shootdown.add(pmap, va);
    }
    if ((old & PteBits.W) != 0) {
      pmap.statistics().addWired(-1);
    }
    pmap.statistics().dropResident(1, "pmap_remove_pte");
    if ((old & PteBits.MANAGED) != 0) {
      VmPage page = pages.at(old & PteBits.FRAME);
      PagePv.harvest(page, old);
      PvLists.remove(pmap, page, va);
    }
  }

  void removePages(Pmap pmap, long start, long end) {
    PageTables tables = pmap.tables();
    PmapPv pv = pmap.firstPv();
    while (pv != null) {
      PmapPv next = pv.nextOnPmap();
      long va = pv.va;
      if (!VmArith.below(va, start) && VmArith.below(va, end)) {
        long pteAddress = PageTables.pteAddress(tables.pde(va), va);
        if ((tables.load(pteAddress) & PteBits.W) == 0) {
          removePte(pmap, pteAddress, va);
          if (KvaLayout.isUser(va)) {
            userTables.release(pmap, va, 1);
          }
        }
      }
      pv = next;
    }
  }
}
