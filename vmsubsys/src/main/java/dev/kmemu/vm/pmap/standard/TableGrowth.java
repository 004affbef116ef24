package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.KernelTablePages;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;

/** {@code pmap_growkernel} of the 2.8 era. Callers hold {@code vm_token}. */
final class TableGrowth {

  private static final long TABLE_BITS = PteBits.V | PteBits.RW | PteBits.A | PteBits.M;

  private final PageTables tables;
  private final KernelTablePages pages;

  TableGrowth(PageTables tables, KernelTablePages pages) {
    this.tables = tables;
    this.pages = pages;
  }

  void grow(long start, long end) {
    boolean below = VmArith.below(start, KvaLayout.KERNBASE);
    if (below && VmArith.below(KvaLayout.KERNBASE, end)) {
      throw KernelPanic.assertion("kend <= KERNBASE", "pmap_growkernel");
    }
    long from = (below ? VmArith.min(start, pages.end()) : start) & -KvaLayout.NBPDR;
    long to = (end + KvaLayout.NBPDR - 1) & -KvaLayout.NBPDR;
    if (!VmArith.below(to - 1, KvaLayout.KVA_END)) {
      to = KvaLayout.KVA_END;
    }
    long reached = populate(from, to);
    if (below) {
      pages.raise(reached);
    }
  }

  private long populate(long from, long to) {
    long va = from;
    while (VmArith.below(va, to)) {
      long pdeAddress = tables.pdeAddress(va);
      if ((tables.load(pdeAddress) & PteBits.V) == 0) {
        tables.store(pdeAddress, pages.take(va).physAddr() | TABLE_BITS);
      }
      va += KvaLayout.NBPDR;
      if (!VmArith.below(va - 1, KvaLayout.KVA_END)) {
        return KvaLayout.KVA_END;
      }
    }
    return va;
  }
}
