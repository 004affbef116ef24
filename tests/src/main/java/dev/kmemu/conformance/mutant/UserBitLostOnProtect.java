package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_protect} clears U with RW: the next access of the program faults for ever. */
public final class UserBitLostOnProtect implements PmapProvider {

  /** Makes the provider. */
  public UserBitLostOnProtect() {}

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
      super.protect(pmap, start, end, prot);
      if ((prot & VmProt.WRITE) == 0) {
        Entries.clearManaged(pmap, start, end, PteBits.U);
      }
    }
  }
}
