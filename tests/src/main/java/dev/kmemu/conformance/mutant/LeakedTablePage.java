package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_enter} over another page takes a hold on the page table that the entry it replaces
 * has taken already: the table never goes.
 */
public final class LeakedTablePage implements PmapProvider {

  /** Makes the provider. */
  public LeakedTablePage() {}

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
      long old = pmap.extract(va);
      super.enter(pmap, va, page, prot, wired);
      if (KvaLayout.isUser(va) && old != 0 && old != page.physAddr()) {
        context.state().hold(context.pages().at(pmap.tables().pde(va) & PteBits.FRAME));
      }
    }
  }
}
