package dev.kmemu.conformance.scanning;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Objects;

/** The page-table pages of users: made on demand, freed when all their entries are 0. */
final class TablePages {

  private static final int REQUEST = AllocRequest.NORMAL | AllocRequest.RETRY;
  private static final long TABLE = PteBits.V | PteBits.RW | PteBits.U | PteBits.A | PteBits.M;

  private final PmapContext context;
  private final TableWalk walk;

  TablePages(PmapContext context, TableWalk walk) {
    this.context = context;
    this.walk = walk;
  }

  VmPage makeRoot(VmObject object) {
    VmPage root = take(object, Pmap.ROOT_INDEX);
    long kernel = context.kernelTables().pml4().value();
    for (int slot : new int[] {KvaLayout.DMAP_SLOT, KvaLayout.KERNEL_SLOT}) {
      walk.exchange(
          root.physAddr() + (long) slot * Long.BYTES, walk.load(kernel + (long) slot * Long.BYTES));
    }
    long self = root.physAddr() | PteBits.V | PteBits.RW | PteBits.A | PteBits.M;
    walk.exchange(root.physAddr() + (long) KvaLayout.RECURSIVE_SLOT * Long.BYTES, self);
    context.state().wakeup(root);
    return root;
  }

  void freeRoot(Pmap pmap) {
    long root = root(pmap);
    for (int slot = 0; slot < KvaLayout.RECURSIVE_SLOT; slot++) {
      if (walk.load(root + (long) slot * Long.BYTES) != 0) {
        throw new KernelPanic("pmap_release: the map isn't empty", pmap.toString());
      }
    }
    free(context.pages().at(root), false);
  }

  /** Returns where the entry of a user address is, below tables that exist then. May sleep. */
  long require(Pmap pmap, long va) {
    int shift = TableWalk.ROOT;
    while (shift > TableWalk.PAGE) {
      long slot = walk.slot(root(pmap), va, shift);
      if (slot == 0) {
        // A table above went while this thread slept.
        shift = TableWalk.ROOT;
        continue;
      }
      if (walk.load(slot) == 0) {
        make(pmap, va, shift);
      } else {
        shift -= TableWalk.BITS;
      }
    }
    long slot = walk.slot(root(pmap), va, TableWalk.PAGE);
    return slot == 0 ? require(pmap, va) : slot;
  }

  private void make(Pmap pmap, long va, int shift) {
    VmPage page = take(Objects.requireNonNull(pmap.tableObject()), index(va, shift));
    long slot = walk.slot(root(pmap), va, shift);
    if (slot == 0 || walk.load(slot) != 0) {
      if (slot == 0 || (walk.load(slot) & TableWalk.FRAME) != page.physAddr()) {
        free(page, true);
      } else {
        context.state().wakeup(page);
      }
      return;
    }
    walk.exchange(slot, page.physAddr() | TABLE);
    pmap.statistics().addResident();
    context.state().wakeup(page);
  }

  /** Returns a busy page, wired and zeroed unless it is a table already. */
  private VmPage take(VmObject object, long index) {
    VmPage page = Objects.requireNonNull(context.allocator().grab(object, index, REQUEST));
    if (page.valid() == 0) {
      context.ram().zero(new PhysicalAddress(page.physAddr()), 4096);
      page.clearFlag(PageFlags.ZERO);
      page.setValid(true);
      context.state().wire(page);
    }
    return page;
  }

  /** Frees the tables of {@code va} that are empty. */
  void prune(Pmap pmap, long va) {
    for (int shift = TableWalk.DIRECTORY; shift <= TableWalk.ROOT; shift += TableWalk.BITS) {
      long slot = walk.slot(root(pmap), va, shift);
      long entry = slot == 0 ? 0 : walk.load(slot);
      if (entry == 0 || !walk.isEmpty(entry & TableWalk.FRAME)) {
        continue;
      }
      walk.exchange(slot, 0);
      context.tlb().invalidateAll();
      pmap.statistics().dropResident(1, "prune");
      free(context.pages().at(entry & TableWalk.FRAME), false);
    }
  }

  private void free(VmPage table, boolean busy) {
    if (!busy) {
      context.state().busy(table);
    }
    context.state().unwire(table, false);
    context.allocator().free(table);
  }

  private static long root(Pmap pmap) {
    return pmap.tables().pml4().value();
  }

  private static long index(long va, int shift) {
    return switch (shift) {
      case TableWalk.DIRECTORY -> va >>> shift;
      case TableWalk.ROOT -> Pmap.USER_TABLES + Pmap.USER_DIRECTORIES + (va >>> shift);
      default -> Pmap.USER_TABLES + (va >>> shift);
    };
  }
}
