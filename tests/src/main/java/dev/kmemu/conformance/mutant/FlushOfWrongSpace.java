package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * A change of {@code kernel_pmap} is flushed only while the kernel's own page tables are on the
 * CPU, as if kernel translations were per space.
 */
public final class FlushOfWrongSpace implements PmapProvider {

  /** Makes the provider. */
  public FlushOfWrongSpace() {}

  @Override
  public PmapModule create(PmapContext context) {
    MutedTlb tlb = new MutedTlb(context.tlb());
    return new Mutant(new StandardPmap(context.withTlb(tlb)), context, tlb);
  }

  private static final class Mutant extends ForwardingPmap {
    private final PmapContext context;
    private final MutedTlb tlb;

    Mutant(PmapModule target, PmapContext context, MutedTlb tlb) {
      super(target);
      this.context = context;
      this.tlb = tlb;
    }

    @Override
    public void remove(Pmap pmap, long start, long end) {
      route(pmap, () -> target().remove(pmap, start, end));
    }

    @Override
    public void protect(Pmap pmap, long start, long end, int prot) {
      route(pmap, () -> target().protect(pmap, start, end, prot));
    }

    private void route(Pmap pmap, Runnable routine) {
      if (pmap.isKernel() && isUserOnCpu()) {
        tlb.mute(routine);
      } else {
        routine.run();
      }
    }

    private boolean isUserOnCpu() {
      for (int i = 1; i < context.pmaps().size(); i++) {
        if (context.pmaps().get(i).isActive()) {
          return true;
        }
      }
      return false;
    }
  }
}
