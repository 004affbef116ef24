package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_kremove} forgets the TLB: a buffer that was unmapped is still read at its kernel
 * address.
 */
public final class NoFlushAfterKremove implements PmapProvider {

  /** Makes the provider. */
  public NoFlushAfterKremove() {}

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
    public void kremove(long va) {
      tlb.mute(() -> target().kremove(va));
    }

    @Override
    public void qremove(long va, int count) {
      tlb.mute(() -> target().qremove(va, count));
    }
  }
}
