package dev.kmemu.vm.pmap.standard;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;

/** {@code pmap_kenter} and its kin. Lock-free: the caller owns the range. */
final class KernelEntries {

  private final PageTables tables;
  private final TlbControl tlb;

  KernelEntries(PageTables tables, TlbControl tlb) {
    this.tables = tables;
    this.tlb = tlb;
  }

  void kenter(long va, long pa) {
    if ((replace(va, pa | PteBits.RW | PteBits.V) & PteBits.V) != 0) {
      tlb.invalidatePage(va);
    }
  }

  void kenterSync(long va) {
    tlb.invalidatePage(va);
  }

  void kremove(long va) {
    if ((replace(va, 0) & PteBits.V) != 0) {
      tlb.invalidatePage(va);
    }
  }

  void qenter(long va, List<VmPage> pages) {
    long at = va;
    for (VmPage page : pages) {
      replace(at, page.physAddr() | PteBits.RW | PteBits.V);
      at += VmArith.PAGE_SIZE;
    }
    tlb.invalidateAll();
  }

  void qremove(long va, int count) {
    for (int i = 0; i < count; i++) {
      replace(va + i * VmArith.PAGE_SIZE, 0);
    }
    tlb.invalidateAll();
  }

  void mapDevice(long va, long pa, long count, long bits) {
    for (long i = 0; i < count; i++) {
      long offset = i * VmArith.PAGE_SIZE;
      replace(va + offset, (pa + offset) | PteBits.RW | PteBits.V | bits);
    }
    tlb.invalidateAll();
  }

  long kextract(long va) {
    return PageTables.covers(va) ? tables.extract(va) : 0;
  }

  private long replace(long va, long entry) {
    long pde = PageTables.covers(va) ? tables.load(tables.pdeAddress(va)) : 0;
    if (!PageTables.isTable(pde)) {
      throw KernelPanic.at("pmap_kenter: no page table", va);
    }
    return tables.exchange(PageTables.pteAddress(pde, va), entry);
  }
}
