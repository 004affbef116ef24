package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.PvLists;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_enter} makes a second PV entry for a page that is there already. */
public final class WrongPvCount implements PmapProvider {

  /** Makes the provider. */
  public WrongPvCount() {}

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
      boolean again = pmap.extract(va) == page.physAddr();
      super.enter(pmap, va, page, prot, wired);
      if (again && (pmap.tables().pte(va) & PteBits.MANAGED) != 0) {
        PvLists.insert(pmap, page, va);
      }
    }
  }
}
