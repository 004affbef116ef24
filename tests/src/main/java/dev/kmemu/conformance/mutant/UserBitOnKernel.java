package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_enter} sets U for kernel addresses, and every program reads the kernel's memory. */
public final class UserBitOnKernel implements PmapProvider {

  /** Makes the provider. */
  public UserBitOnKernel() {}

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
    public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
      super.enter(pmap, va, page, prot, wired);
      Entries.change(pmap, va, 0, PteBits.U);
    }

    @Override
    public void kenter(long va, long pa) {
      super.kenter(va, pa);
      Entries.change(context.pmaps().kernel(), va, 0, PteBits.U);
    }
  }
}
