package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.TlbShootdown;

/**
 * The page-table pages of user maps, kept in {@code pm_pteobj}: wired, not busy, and held once by
 * each entry they contain. A table goes with its last entry; the root stays to the end. Each table
 * counts in the map's resident pages. Callers hold {@code vm_token}.
 */
final class UserTables {

  private static final int REQUEST = AllocRequest.NORMAL | AllocRequest.ZERO | AllocRequest.RETRY;
  private static final long TABLE_BITS = PteBits.U | PteBits.RW | PteBits.V | PteBits.A | PteBits.M;
  private static final long SELF_BITS = PteBits.RW | PteBits.V | PteBits.A | PteBits.M;

  private final PageAllocator allocator;
  private final PageState state;
  private final PageArray pages;
  private final TlbShootdown shootdown;
  private final PageTables kernel;

  UserTables(
      PageAllocator allocator,
      PageState state,
      PageArray pages,
      TlbShootdown shootdown,
      PageTables kernel) {
    this.allocator = allocator;
    this.state = state;
    this.pages = pages;
    this.shootdown = shootdown;
    this.kernel = kernel;
  }

  /** {@code pmap_pinit}: makes the root table; may sleep for memory. */
  VmPage makeRoot(VmObject object) {
    VmPage root = grab(object, Pmap.ROOT_INDEX);
    long pa = root.physAddr();
    prepare(root);
    long kernelRoot = kernel.pml4().value();
    for (int slot = KvaLayout.DMAP_SLOT; slot <= KvaLayout.KERNEL_SLOT; slot++) {
      kernel.store(entry(pa, slot), kernel.load(entry(kernelRoot, slot)));
    }
    kernel.store(entry(pa, KvaLayout.RECURSIVE_SLOT), pa | SELF_BITS);
    state.wakeup(root);
    return root;
  }

  /**
   * Returns the page-directory entry of a user address, whose tables are made if need be. May sleep
   * for memory; what was read from the tables before the call may be out of date then.
   */
  long require(Pmap pmap, long va) {
    PageTables tables = pmap.tables();
    while (true) {
      int missing = 0;
      for (int shift = PageTables.PML4_SHIFT; shift >= PageTables.PD_SHIFT && missing == 0; ) {
        long entry = tables.load(tables.slotAddress(va, shift));
        if ((entry & PteBits.V) == 0) {
          missing = shift;
        } else if (shift == PageTables.PD_SHIFT) {
          return entry;
        }
        shift -= PageTables.LEVEL_BITS;
      }
      make(pmap, va, missing);
    }
  }

  /** Makes the table below the entry of {@code shift}, unless that has become pointless. */
  private void make(Pmap pmap, long va, int shift) {
    PageTables tables = pmap.tables();
    VmPage page = grab(objectOf(pmap), index(va, shift));
    if (page.valid() != 0) {
      // Another thread made it while this one slept, and it may have entries by now.
      state.wakeup(page);
      return;
    }
    long slot = tables.slotAddress(va, shift);
    if (slot == 0) {
      // The table above went while this thread slept.
      allocator.free(page);
      return;
    }
    prepare(page);
    if (shift != PageTables.PML4_SHIFT) {
      state.hold(pages.at(slot));
    }
    tables.store(slot, page.physAddr() | TABLE_BITS);
    pmap.statistics().addResident();
    state.wakeup(page);
  }

  private static VmObject objectOf(Pmap pmap) {
    VmObject object = pmap.tableObject();
    if (object == null) {
      throw new KernelPanic("kernel_pmap has no user page tables");
    }
    return object;
  }

  private VmPage grab(VmObject object, long pindex) {
    VmPage page = allocator.grab(object, pindex, REQUEST);
    if (page == null) {
      throw new KernelPanic("vm_page_grab gave up despite VM_ALLOC_RETRY", object.name());
    }
    return page;
  }

  private void prepare(VmPage page) {
    state.ensureZero(page);
    page.clearFlag(PageFlags.ZERO);
    page.setValid(true);
    state.wire(page);
  }

  /** Notes a new entry in the page table that {@code pde} points to. */
  void hold(long pde) {
    state.hold(pages.at(pde & PteBits.FRAME));
  }

  /**
   * {@code pmap_unwire_pte_hold}: notes that {@code entries} of the page table of {@code va} went.
   * Tables that are empty then are freed, and their translations are due for a flush.
   */
  void release(Pmap pmap, long va, int entries) {
    PageTables tables = pmap.tables();
    int gone = entries;
    for (int shift = PageTables.PD_SHIFT; shift <= PageTables.PML4_SHIFT; ) {
      long slot = tables.slotAddress(va, shift);
      VmPage table = pages.at(tables.load(slot) & PteBits.FRAME);
      for (int i = 0; i < gone; i++) {
        allocator.unhold(table);
      }
      if (table.holdCount() != 0) {
        return;
      }
      tables.exchange(slot, 0);
      shootdown.addAll(pmap);
      pmap.statistics().dropResident(1, "pmap_unwire_pte_hold");
      free(table);
      gone = 1;
      shift += PageTables.LEVEL_BITS;
    }
  }

  /**
   * {@code pmap_release}: frees the root of a map without mappings.
   *
   * @throws KernelPanic while a mapping is left
   */
  void releaseRoot(Pmap pmap) {
    VmObject object = objectOf(pmap);
    VmPage root = pages.at(pmap.tables().pml4().value());
    for (int slot = 0; slot < object.residentSlots(); slot++) {
      VmPage page = object.residentSlot(slot);
      if (page != null && page.holdCount() != 0) {
        throw new KernelPanic("pmap_release: freeing held page table page", pmap + ", " + page);
      }
    }
    for (int slot :
        new int[] {KvaLayout.RECURSIVE_SLOT, KvaLayout.DMAP_SLOT, KvaLayout.KERNEL_SLOT}) {
      kernel.store(entry(root.physAddr(), slot), 0);
    }
    free(root);
  }

  private void free(VmPage table) {
    state.busy(table);
    state.unwire(table, false);
    allocator.freeZero(table);
  }

  /** Returns where in the object the table below the entry of {@code shift} is kept. */
  private static long index(long va, int shift) {
    return switch (shift) {
      case PageTables.PD_SHIFT -> va >>> PageTables.PD_SHIFT;
      case PageTables.PDP_SHIFT -> Pmap.USER_TABLES + (va >>> PageTables.PDP_SHIFT);
      default -> Pmap.USER_TABLES + Pmap.USER_DIRECTORIES + (va >>> PageTables.PML4_SHIFT);
    };
  }

  private static long entry(long table, int slot) {
    return table + (long) slot * Long.BYTES;
  }
}
