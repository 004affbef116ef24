package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_page_protect} with NONE stops before the last PV entry: the page is freed while a
 * space still maps it.
 */
public final class OneMappingLeft implements PmapProvider {

  /** Makes the provider. */
  public OneMappingLeft() {}

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
      PvEntry first = page.firstPv();
      if ((prot & (VmProt.READ | VmProt.WRITE)) != 0
          || first == null
          || first.nextOnPage() == null) {
        super.pageProtect(page, prot);
        return;
      }
      while (page.pvCount() > 1) {
        PvEntry pv = page.firstPv();
        if (pv != null) {
          super.remove(((PmapPv) pv).pmap(), pv.va, pv.va + VmArith.PAGE_SIZE);
        }
      }
    }
  }
}
