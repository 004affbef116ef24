package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_remove} leaves translations in the TLB: a page that was unmapped, and maybe given to
 * somebody else, is still reached.
 */
public final class NoFlushAfterRemove implements PmapProvider {

  /** Makes the provider. */
  public NoFlushAfterRemove() {}

  @Override
  public PmapModule create(PmapContext context) {
    MutedTlb tlb = new MutedTlb(context.tlb());
    return new Mutant(new StandardPmap(context.withTlb(tlb)), tlb);
  }

  private static final class Mutant extends ForwardingPmap {
    private final MutedTlb tlb;

    Mutant(PmapModule target, MutedTlb tlb) {
      super(target);
      this.tlb = tlb;
    }

    @Override
    public void remove(Pmap pmap, long start, long end) {
      tlb.mute(() -> target().remove(pmap, start, end));
    }
  }
}
