package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/** {@code kptobj} and {@code kernel_vm_end}: the kernel's page tables since boot. */
public final class KernelTablePages {

  private static final int REQUEST =
      AllocRequest.NORMAL | AllocRequest.SYSTEM | AllocRequest.INTERRUPT;

  private final PageAllocator allocator;
  private final PageState state;
  private final VmObject object;
  private long count;
  private volatile long end = KvaLayout.KVA_START;

  /**
   * Creates it with nothing grown yet.
   *
   * @param object {@code kptobj}: takes the new page-table pages, which stay busy in it
   * @param bootTables the number of page tables at boot
   */
  KernelTablePages(PageAllocator allocator, PageState state, VmObject object, int bootTables) {
    this.allocator = allocator;
    this.state = state;
    this.object = object;
    this.count = bootTables;
  }

  /**
   * {@code kernel_vm_end}: every address of [KvaStart, this) has a page table. Never falls; a
   * multiple of 2 MiB, or KvaEnd.
   */
  public long end() {
    return end;
  }

  /** Moves {@link #end} up to {@code reached}, if that is higher. Hold {@code vm_token}. */
  public void raise(long reached) {
    if (VmArith.below(end, reached)) {
      end = reached;
    }
  }

  /**
   * Returns a page for the page table of {@code va}: zeroed, wired, never freed. Hold {@code
   * vm_token}.
   *
   * @throws KernelPanic when there is none
   */
  public VmPage take(long va) {
    VmPage page = allocator.alloc(object, count, REQUEST);
    if (page == null) {
      throw KernelPanic.at("pmap_growkernel: no memory to grow kernel", va);
    }
    count++;
    state.wire(page);
    state.zeroFill(page);
    page.clearFlag(PageFlags.ZERO);
    return page;
  }

  VmObject object() {
    return object;
  }

  void exchange(StateExchange exchange) {
    count = exchange.exchange(count);
    end = exchange.exchange(end);
  }
}
