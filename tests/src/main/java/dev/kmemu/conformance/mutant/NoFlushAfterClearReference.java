package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_ts_referenced} and {@code pmap_clear_reference} clear A in the entry and not in the
 * TLB: pages in use look idle.
 */
public final class NoFlushAfterClearReference implements PmapProvider {

  /** Makes the provider. */
  public NoFlushAfterClearReference() {}

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
    public void clearReference(VmPage page) {
      tlb.mute(() -> target().clearReference(page));
    }

    @Override
    public int tsReferenced(VmPage page) {
      int[] count = new int[1];
      tlb.mute(() -> count[0] = target().tsReferenced(page));
      return count[0];
    }
  }
}
