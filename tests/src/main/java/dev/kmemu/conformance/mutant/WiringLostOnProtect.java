package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_protect} clears the wired bit with RW. */
public final class WiringLostOnProtect implements PmapProvider {

  /** Makes the provider. */
  public WiringLostOnProtect() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void protect(Pmap pmap, long start, long end, int prot) {
      if ((prot & VmProt.READ) != 0) {
        for (PmapPv pv = pmap.firstPv(); pv != null; pv = pv.nextOnPmap()) {
          if (!VmArith.below(pv.va, start) && VmArith.below(pv.va, end)) {
            super.changeWiring(pmap, pv.va, false);
          }
        }
      }
      super.protect(pmap, start, end, prot);
    }
  }
}
