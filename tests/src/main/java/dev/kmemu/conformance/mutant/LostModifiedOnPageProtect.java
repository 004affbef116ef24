package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_page_protect} drops M: the pageout daemon takes a dirty page for a clean one. */
public final class LostModifiedOnPageProtect implements PmapProvider {

  /** Makes the provider. */
  public LostModifiedOnPageProtect() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void pageProtect(VmPage page, int prot) {
      if ((prot & VmProt.WRITE) == 0) {
        Entries.clearManaged(page, PteBits.M);
      }
      super.pageProtect(page, prot);
    }

    @Override
    public void strip(VmPage page) {
      Entries.clearManaged(page, PteBits.M);
      super.strip(page);
    }
  }
}
