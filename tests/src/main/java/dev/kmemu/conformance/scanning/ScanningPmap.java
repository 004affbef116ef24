package dev.kmemu.conformance.scanning;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.List;

/** The routines on physical maps and pages; {@link KernelPart} has the kernel's own. */
final class ScanningPmap extends KernelPart implements PmapModule {

  private final TablePages tables;
  private final ManagedPages managed;

  ScanningPmap(PmapContext context) {
    super(context, new TableWalk(context.ram()));
    tables = new TablePages(context, walk);
    managed = new ManagedPages(context, walk);
  }

  @Override
  public VmPage pinit(VmObject object) {
    return tables.makeRoot(object);
  }

  @Override
  public void release(Pmap pmap) {
    tables.freeRoot(pmap);
  }

  @Override
  public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
    boolean user = KvaLayout.isUser(va);
    boolean makesTables = user && !pmap.isKernel();
    long slot = makesTables ? tables.require(pmap, va) : walk.slot(root(pmap), va, TableWalk.PAGE);
    if (slot == 0) {
      throw KernelPanic.at("pmap_enter: no page table, or a 2 MiB page", va);
    }
    long old = walk.load(slot);
    boolean same = old != 0 && (old & TableWalk.FRAME) == page.physAddr();
    if (same) {
      pmap.statistics().addWired((wired ? 1 : 0) - ((old & PteBits.W) != 0 ? 1 : 0));
    } else {
      if (old != 0) {
        drop(pmap, slot);
      }
      pmap.statistics().addResident();
      pmap.statistics().addWired(wired ? 1 : 0);
    }
    boolean isManaged = same ? (old & PteBits.MANAGED) != 0 : ManagedPages.isManaged(page);
    if (!same && isManaged) {
      managed.note(page, 1);
    }
    boolean write = (prot & VmProt.WRITE) != 0;
    if (write) {
      managed.noteWriteable(page);
    }
    long replaced =
        walk.exchange(
            slot,
            page.physAddr()
                | PteBits.V
                | PteBits.A
                | (write ? PteBits.RW : 0)
                | (wired ? PteBits.W : 0)
                | (user ? PteBits.U : 0)
                | (isManaged ? PteBits.MANAGED : 0));
    context.tlb().invalidateAll();
    if (isManaged && (replaced & PteBits.M) != 0) {
      page.markDirty();
    }
  }

  @Override
  public void remove(Pmap pmap, long start, long end) {
    removeIf(pmap, start, end, false);
  }

  @Override
  public void removePages(Pmap pmap, long start, long end) {
    removeIf(pmap, start, end, true);
  }

  private void removeIf(Pmap pmap, long start, long end, boolean onlyUnwiredPages) {
    if (start == end) {
      return;
    }
    List<Long> regions = new ArrayList<>();
    walk.leaves(
        root(pmap),
        start,
        end - 1,
        (va, slot, large) -> {
          long kept = walk.load(slot) & (PteBits.W | PteBits.MANAGED);
          if (large && !onlyUnwiredPages) {
            walk.exchange(slot, 0);
            pmap.statistics().dropResident(512, "pmap_remove");
          } else if (!large && (!onlyUnwiredPages || kept == PteBits.MANAGED)) {
            drop(pmap, slot);
            note(regions, va);
          }
          return true;
        });
    context.tlb().invalidateAll();
    regions.forEach(va -> tables.prune(pmap, va));
  }

  private static void note(List<Long> regions, long va) {
    long region = va & -KvaLayout.NBPDR;
    boolean known = !regions.isEmpty() && regions.get(regions.size() - 1) == region;
    if (KvaLayout.isUser(va) && !known) {
      regions.add(region);
    }
  }

  private void drop(Pmap pmap, long slot) {
    long old = walk.exchange(slot, 0);
    pmap.statistics().dropResident(1, "pmap_remove");
    pmap.statistics().addWired((old & PteBits.W) != 0 ? -1 : 0);
    if ((old & PteBits.MANAGED) != 0) {
      VmPage page = context.pages().at(old & TableWalk.FRAME);
      ManagedPages.harvest(page, old);
      managed.note(page, -1);
    }
  }

  @Override
  public void protect(Pmap pmap, long start, long end, int prot) {
    if ((prot & VmProt.READ) == 0) {
      remove(pmap, start, end);
    } else if ((prot & VmProt.WRITE) == 0 && start != end) {
      walk.leaves(
          root(pmap),
          start,
          end - 1,
          (va, slot, large) -> {
            boolean known = !large && (walk.load(slot) & PteBits.MANAGED) != 0;
            long old =
                walk.change(slot, known ? PteBits.RW | PteBits.A | PteBits.M : PteBits.RW, 0);
            if (known) {
              ManagedPages.harvest(context.pages().at(old & TableWalk.FRAME), old);
            }
            return true;
          });
      context.tlb().invalidateAll();
    }
  }

  @Override
  public void changeWiring(Pmap pmap, long va, boolean wired) {
    long slot = walk.slot(root(pmap), va, TableWalk.PAGE);
    if (slot == 0) {
      throw KernelPanic.at("pmap_change_wiring: no page table", va);
    }
    long old = walk.change(slot, PteBits.W, wired ? PteBits.W : 0);
    pmap.statistics().addWired((wired ? 1 : 0) - ((old & PteBits.W) != 0 ? 1 : 0));
  }

  @Override
  public long extract(Pmap pmap, long va) {
    return extract(root(pmap), va);
  }

  @Override
  public void pageProtect(VmPage page, int prot) {
    if ((prot & VmProt.WRITE) != 0) {
      return;
    }
    if ((prot & (VmProt.READ | VmProt.EXECUTE)) == 0) {
      strip(page);
      return;
    }
    managed.clear(page, PteBits.RW | PteBits.M, true, Integer.MAX_VALUE);
    managed.noteReadOnly(page);
  }

  @Override
  public void strip(VmPage page) {
    managed.forEach(
        page,
        (pmap, va, slot) -> {
          drop(pmap, slot);
          context.tlb().invalidateAll();
          if (KvaLayout.isUser(va)) {
            tables.prune(pmap, va);
          }
          return true;
        });
  }

  @Override
  public void flush() {
    // Strip has flushed already.
  }

  @Override
  public boolean isModified(VmPage page) {
    return managed.isModified(page);
  }

  @Override
  public void clearModify(VmPage page) {
    managed.clear(page, PteBits.M, false, Integer.MAX_VALUE);
  }

  @Override
  public void clearReference(VmPage page) {
    managed.clear(page, PteBits.A, false, Integer.MAX_VALUE);
  }

  @Override
  public int tsReferenced(VmPage page) {
    return managed.clear(page, PteBits.A, false, 5);
  }

  @Override
  public void exchange(StateExchange state) {
    managed.exchange(state);
  }
}
