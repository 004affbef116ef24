package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_page_protect} with READ forgets the TLB: pages that are being cleaned are written all
 * the while.
 */
public final class NoFlushAfterPageProtect implements PmapProvider {

  /** Makes the provider. */
  public NoFlushAfterPageProtect() {}

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
    public void pageProtect(VmPage page, int prot) {
      tlb.mute(() -> target().pageProtect(page, prot));
    }
  }
}
