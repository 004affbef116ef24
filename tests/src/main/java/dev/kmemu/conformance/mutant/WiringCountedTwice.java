package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_change_wiring} counts a mapping that is wired already. */
public final class WiringCountedTwice implements PmapProvider {

  /** Makes the provider. */
  public WiringCountedTwice() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void changeWiring(Pmap pmap, long va, boolean wired) {
      boolean already = (pmap.tables().pte(va) & PteBits.W) != 0;
      super.changeWiring(pmap, va, wired);
      if (already && wired) {
        pmap.statistics().addWired(1);
      }
    }
  }
}
