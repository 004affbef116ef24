package dev.kmemu.conformance.scanning;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelRoutines;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;

/** The kernel's unaccounted mappings and the growth of its tables. */
abstract class KernelPart implements KernelRoutines {

  private static final long WRITABLE = PteBits.V | PteBits.RW;

  final PmapContext context;
  final TableWalk walk;

  KernelPart(PmapContext context, TableWalk walk) {
    this.context = context;
    this.walk = walk;
  }

  static long root(Pmap pmap) {
    return pmap.tables().pml4().value();
  }

  private long kernelRoot() {
    return context.kernelTables().pml4().value();
  }

  private void set(long va, long entry) {
    long slot = KvaLayout.isUser(va) ? 0 : walk.slot(kernelRoot(), va, TableWalk.PAGE);
    if (slot == 0) {
      throw KernelPanic.at("pmap_kenter: no page table", va);
    }
    walk.exchange(slot, entry);
    context.tlb().invalidateAll();
  }

  @Override
  public void kenter(long va, long pa) {
    set(va, pa | WRITABLE);
  }

  @Override
  public void kenterSync(long va) {
    context.tlb().invalidateAll();
  }

  @Override
  public void kremove(long va) {
    set(va, 0);
  }

  @Override
  public void qenter(long va, List<VmPage> pages) {
    for (int i = 0; i < pages.size(); i++) {
      set(va + i * 4096L, pages.get(i).physAddr() | WRITABLE);
    }
  }

  @Override
  public void qremove(long va, int count) {
    for (int i = 0; i < count; i++) {
      set(va + i * 4096L, 0);
    }
  }

  @Override
  public void mapDevice(long va, long pa, long count, long bits) {
    for (long i = 0; i < count; i++) {
      set(va + i * 4096, (pa + i * 4096) | WRITABLE | bits);
    }
  }

  @Override
  public long kextract(long va) {
    return KvaLayout.isUser(va) ? 0 : extract(kernelRoot(), va);
  }

  long extract(long root, long va) {
    long directory = walk.slot(root, va, TableWalk.DIRECTORY);
    long large = directory == 0 ? 0 : walk.load(directory);
    if ((large & PteBits.PS) != 0) {
      return (large & TableWalk.FRAME & -KvaLayout.NBPDR) | (va & (KvaLayout.NBPDR - 1));
    }
    long slot = walk.slot(root, va, TableWalk.PAGE);
    long entry = slot == 0 ? 0 : walk.load(slot);
    return (entry & PteBits.V) == 0 ? 0 : (entry & TableWalk.FRAME) | (va & 4095);
  }

  @Override
  public void growKernel(long start, long end) {
    boolean low = Long.compareUnsigned(start, KvaLayout.KERNBASE) < 0;
    if (low && Long.compareUnsigned(end, KvaLayout.KERNBASE) > 0) {
      throw KernelPanic.assertion("kend <= KERNBASE", "pmap_growkernel");
    }
    long mark = context.growth().end();
    long from = low && Long.compareUnsigned(mark, start) < 0 ? mark : start;
    // In whole tables, counted from KvaStart, so that the end of the address space is a number.
    long first = (from - KvaLayout.KVA_START) / KvaLayout.NBPDR;
    long behind = (end - KvaLayout.KVA_START + KvaLayout.NBPDR - 1) / KvaLayout.NBPDR;
    for (long i = first; i < behind; i++) {
      long va = KvaLayout.KVA_START + i * KvaLayout.NBPDR;
      long slot = walk.slot(kernelRoot(), va, TableWalk.DIRECTORY);
      if (walk.load(slot) == 0) {
        long table = context.growth().take(va).physAddr();
        walk.exchange(slot, table | WRITABLE | PteBits.A | PteBits.M);
      }
    }
    long reached = KvaLayout.KVA_START + behind * KvaLayout.NBPDR;
    if (low) {
      boolean whole = reached == 0 || Long.compareUnsigned(reached, KvaLayout.KVA_END) >= 0;
      context.growth().raise(whole ? KvaLayout.KVA_END : reached);
    }
  }
}
