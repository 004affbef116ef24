package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_enter} without WRITE keeps RW of the entry that is there, so that a downgrade doesn't
 * happen.
 */
public final class WriteBitKept implements PmapProvider {

  /** Makes the provider. */
  public WriteBitKept() {}

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
      long old = pmap.tables().pte(va);
      super.enter(pmap, va, page, prot, wired);
      if ((old & PteBits.FRAME) == page.physAddr()) {
        Entries.change(pmap, va, 0, old & PteBits.RW);
      }
    }
  }
}
