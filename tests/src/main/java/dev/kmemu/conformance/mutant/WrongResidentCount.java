package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_enter} counts a page that is there already as another resident one. */
public final class WrongResidentCount implements PmapProvider {

  /** Makes the provider. */
  public WrongResidentCount() {}

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
      if (again) {
        pmap.statistics().addResident();
      }
    }
  }
}
