package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_protect} sets NX, and {@code pmap_enter} of the same page keeps it. */
public final class StaleNx implements PmapProvider {

  /** Makes the provider. */
  public StaleNx() {}

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
    public void protect(Pmap pmap, long start, long end, int prot) {
      super.protect(pmap, start, end, prot);
      if ((prot & (VmProt.READ | VmProt.WRITE | VmProt.EXECUTE)) == VmProt.READ) {
        for (PmapPv pv = pmap.firstPv(); pv != null; pv = pv.nextOnPmap()) {
          if (!VmArith.below(pv.va, start) && VmArith.below(pv.va, end)) {
            Entries.change(pmap, pv.va, 0, PteBits.NX);
            context.tlb().invalidatePage(pv.va);
          }
        }
      }
    }
  }
}
