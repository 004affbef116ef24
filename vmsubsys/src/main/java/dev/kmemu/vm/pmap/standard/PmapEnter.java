package dev.kmemu.vm.pmap.standard;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.PvLists;
import dev.kmemu.vm.pmap.TlbShootdown;

/** {@code pmap_enter}. Callers hold {@code vm_token}. */
final class PmapEnter {

  private static final long SMALL_MASK = PteBits.A | PteBits.M;

  private final UserTables userTables;
  private final PmapRemove removal;
  private final TlbShootdown shootdown;

  PmapEnter(UserTables userTables, PmapRemove removal, TlbShootdown shootdown) {
    this.userTables = userTables;
    this.removal = removal;
    this.shootdown = shootdown;
  }

  /** Sleeps, if at all, before it looks at the entry. */
  void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
    boolean user = KvaLayout.isUser(va);
    long pde = user && !pmap.isKernel() ? userTables.require(pmap, va) : pmap.tables().pde(va);
    if (!PageTables.isTable(pde)) {
      throw panic(pmap, va, pde);
    }
    PageTables tables = pmap.tables();
    long pteAddress = PageTables.pteAddress(pde, va);
    long old = tables.load(pteAddress);
    long entry = page.physAddr() | PteBits.V | PteBits.A;
    if ((old & PteBits.V) != 0 && (old & PteBits.FRAME) == page.physAddr()) {
      PmapProtect.countWired(pmap, old, wired);
      entry |= old & PteBits.MANAGED;
    } else {
      if (old != 0) {
        // The new entry takes over the old one's hold on the table.
        removal.removePte(pmap, pteAddress, va);
      } else if (user) {
        userTables.hold(pde);
      }
      if (!page.has(PageFlags.FICTITIOUS | PageFlags.UNMANAGED)) {
        PvLists.insert(pmap, page, va);
        entry |= PteBits.MANAGED;
      }
      pmap.statistics().addResident();
      if (wired) {
        pmap.statistics().addWired(1);
      }
    }
    if ((prot & VmProt.WRITE) != 0) {
      entry |= PteBits.RW;
      page.setFlag(PageFlags.WRITEABLE);
    }
    if (wired) {
      entry |= PteBits.W;
    }
    if (user) {
      entry |= PteBits.U;
    }
    write(pmap, pteAddress, va, page, old, entry);
  }

  private void write(Pmap pmap, long pteAddress, long va, VmPage page, long old, long entry) {
    if (((old ^ entry) & ~SMALL_MASK) != 0) {
      long replaced = pmap.tables().exchange(pteAddress, entry);
      if ((replaced & (PteBits.M | PteBits.MANAGED)) == (PteBits.M | PteBits.MANAGED)) {
        page.markDirty();
      }
    }
    // Also for an unchanged entry: whoever faulted on it had an older translation.
    if ((old & PteBits.V) != 0) {
      shootdown.add(pmap, va);
      shootdown.flush();
    }
  }

  private static KernelPanic panic(Pmap pmap, long va, long pde) {
    return (pde & PteBits.PS) != 0
        ? KernelPanic.at("pmap_enter: attempted pmap_enter on 2MB page", pmap, va, "")
        : KernelPanic.at(
            String.format("pmap_enter: invalid page directory va=0x%x", va), pmap, va, "");
  }
}
