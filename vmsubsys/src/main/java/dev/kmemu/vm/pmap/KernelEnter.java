package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/**
 * {@code pmap_kenter} and its kin: kernel mappings that nobody accounts for. They must be removed
 * with {@link #kremove} or {@link #qremove} before their range is freed, or {@code resident_count}
 * drifts. Lock-free: the caller owns the range.
 */
public final class KernelEnter {

  private final PageTables tables;
  private final TlbControl tlb;

  /** Creates the routines over the kernel's tables. */
  public KernelEnter(PageTables tables, TlbControl tlb) {
    this.tables = tables;
    this.tlb = tlb;
  }

  /** {@code pmap_kenter}: maps {@code pa} at {@code va}, whatever was there. */
  public void kenter(long va, long pa) {
    if ((replace(va, pa | PteBits.RW | PteBits.V) & PteBits.V) != 0) {
      tlb.invalidatePage(new VirtualAddress(va));
    }
  }

  /** {@code pmap_kenter_quick}: the same, there being one CPU. */
  public void kenterQuick(long va, long pa) {
    kenter(va, pa);
  }

  /** {@code pmap_kremove}. */
  public void kremove(long va) {
    if ((replace(va, 0) & PteBits.V) != 0) {
      tlb.invalidatePage(new VirtualAddress(va));
    }
  }

  /** {@code pmap_qenter}: maps wired pages one after the other. */
  public void qenter(long va, List<VmPage> pages) {
    long at = va;
    for (VmPage page : pages) {
      replace(at, page.physAddr() | PteBits.RW | PteBits.V);
      at += VirtualAddress.PAGE_SIZE;
    }
    tlb.invalidateAll();
  }

  /** {@code pmap_qremove}. */
  public void qremove(long va, int count) {
    for (int i = 0; i < count; i++) {
      replace(va + (long) i * VirtualAddress.PAGE_SIZE, 0);
    }
    tlb.invalidateAll();
  }

  private long replace(long va, long entry) {
    long pde = PageTables.covers(va) ? tables.load(tables.pdeAddress(va)) : 0;
    if (!PageTables.isTable(pde)) {
      throw new KernelPanic("pmap_kenter: no page table", String.format("va 0x%x", va));
    }
    return tables.exchange(PageTables.pteAddress(pde, va), entry);
  }
}
