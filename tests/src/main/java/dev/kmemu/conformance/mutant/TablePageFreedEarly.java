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
 * {@code pmap_remove} drops two holds on the page table for one entry: it is freed while another
 * entry is in it.
 */
public final class TablePageFreedEarly implements PmapProvider {

  /** Makes the provider. */
  public TablePageFreedEarly() {}

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
    public void remove(Pmap pmap, long start, long end) {
      long pde = KvaLayout.isUser(start) ? pmap.tables().pde(start) : 0;
      boolean mapped = pde != 0 && pmap.extract(start) != 0;
      VmPage table = mapped ? context.pages().at(pde & PteBits.FRAME) : null;
      if (table != null && table.holdCount() == 2) {
        context.allocator().unhold(table);
      }
      super.remove(pmap, start, end);
    }
  }
}
