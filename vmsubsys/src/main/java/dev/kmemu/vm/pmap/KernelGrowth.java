package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.Token;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/** {@code pmap_growkernel} of the 2.8 era, and {@code kernel_vm_end}. */
public final class KernelGrowth {

  private static final int REQUEST =
      AllocRequest.NORMAL | AllocRequest.SYSTEM | AllocRequest.INTERRUPT;

  private final Token token;
  private final PageTables tables;
  private final PageAllocator allocator;
  private final PageState state;
  private final VmObject tableObject;
  private long tableCount;
  private volatile long kernelVmEnd = KvaLayout.KVA_START;

  /**
   * Creates the growth with nothing grown yet.
   *
   * @param tableObject {@code kptobj}: takes the new page-table pages, which stay busy in it
   * @param bootTables the number of page tables at boot
   */
  public KernelGrowth(
      Token vmToken,
      PageTables tables,
      PageAllocator allocator,
      PageState state,
      VmObject tableObject,
      int bootTables) {
    this.token = vmToken;
    this.tables = tables;
    this.allocator = allocator;
    this.state = state;
    this.tableObject = tableObject;
    this.tableCount = bootTables;
  }

  /**
   * {@code kernel_vm_end}: every address of [KvaStart, this) has a page table. Never falls; a
   * multiple of 2 MiB.
   */
  public long kernelVmEnd() {
    return kernelVmEnd;
  }

  /** Returns the object that holds the page tables made since boot. */
  public VmObject tableObject() {
    return tableObject;
  }

  /**
   * Makes page tables for [start, end). Below KERNBASE everything from {@code kernel_vm_end} on
   * gets them, and that mark moves; above, only the range itself.
   *
   * @throws KernelPanic when there is no page for a table
   */
  public void grow(long start, long end) {
    token.get();
    try {
      boolean below = VmArith.below(start, KvaLayout.KERNBASE);
      if (below && VmArith.below(KvaLayout.KERNBASE, end)) {
        throw KernelPanic.assertion("kend <= KERNBASE", "pmap_growkernel");
      }
      long from = (below ? VmArith.min(start, kernelVmEnd) : start) & -KvaLayout.NBPDR;
      long to = (end + KvaLayout.NBPDR - 1) & -KvaLayout.NBPDR;
      if (!VmArith.below(to - 1, KvaLayout.KVA_END)) {
        to = KvaLayout.KVA_END;
      }
      long reached = populate(from, to);
      if (below && VmArith.below(kernelVmEnd, reached)) {
        kernelVmEnd = reached;
      }
    } finally {
      token.release();
    }
  }

  private long populate(long from, long to) {
    long va = from;
    while (VmArith.below(va, to)) {
      long pdeAddress = tables.pdeAddress(va);
      if ((tables.load(pdeAddress) & PteBits.V) == 0) {
        tables.store(pdeAddress, newTable(va));
      }
      va += KvaLayout.NBPDR;
      if (!VmArith.below(va - 1, KvaLayout.KVA_END)) {
        return KvaLayout.KVA_END;
      }
    }
    return va;
  }

  private long newTable(long va) {
    VmPage page = allocator.alloc(tableObject, tableCount, REQUEST);
    if (page == null) {
      throw KernelPanic.at("pmap_growkernel: no memory to grow kernel", va);
    }
    tableCount++;
    state.wire(page);
    state.zeroFill(page);
    page.clearFlag(PageFlags.ZERO);
    return page.physAddr() | PteBits.V | PteBits.RW | PteBits.A | PteBits.M;
  }

  /** Exchanges how far the tables have grown with a snapshot. */
  public void exchange(StateExchange state) {
    tableCount = state.exchange(tableCount);
    kernelVmEnd = state.exchange(kernelVmEnd);
  }
}
