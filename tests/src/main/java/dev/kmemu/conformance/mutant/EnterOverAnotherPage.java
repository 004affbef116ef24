package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.PvLists;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_enter} writes over the entry of another page without a removal: the page keeps a PV
 * entry for a mapping that isn't its any more.
 */
public final class EnterOverAnotherPage implements PmapProvider {

  /** Makes the provider. */
  public EnterOverAnotherPage() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context), context);
  }

  private static final class Mutant extends ForwardingPmap {
    private final PmapContext context;

    Mutant(PmapModule target, PmapContext context) {
      super(target);
      this.context = context;
    }

    @Override
    public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
      PageTables tables = pmap.tables();
      long old = tables.pte(va);
      boolean other = (old & PteBits.MANAGED) != 0 && (old & PteBits.FRAME) != page.physAddr();
      if (!other) {
        super.enter(pmap, va, page, prot, wired);
        return;
      }
      PvLists.insert(pmap, page, va);
      long keep = PteBits.U | PteBits.MANAGED | PteBits.V | (old & PteBits.W);
      long entry = page.physAddr() | (old & keep) | ((prot & VmProt.WRITE) == 0 ? 0 : PteBits.RW);
      tables.exchange(PageTables.pteAddress(tables.pde(va), va), entry | PteBits.A);
      context.tlb().invalidatePage(va);
    }
  }
}
