package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_clear_modify} clears M in the entry and not in the TLB: later stores don't set it
 * again.
 */
public final class NoFlushAfterClearModify implements PmapProvider {

  /** Makes the provider. */
  public NoFlushAfterClearModify() {}

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
    public void clearModify(VmPage page) {
      tlb.mute(() -> target().clearModify(page));
    }
  }
}
