package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_enter} of a writable page sets M in advance, as ports to machines without the bit do:
 * every page is written to swap.
 */
public final class InventedModified implements PmapProvider {

  /** Makes the provider. */
  public InventedModified() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
      super.enter(pmap, va, page, prot, wired);
      if ((prot & VmProt.WRITE) != 0) {
        Entries.change(pmap, va, 0, PteBits.M);
      }
    }
  }
}
