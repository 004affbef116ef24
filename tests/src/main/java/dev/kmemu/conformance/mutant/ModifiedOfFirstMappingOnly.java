package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.page.PvEntry;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapPv;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_is_modified} looks at the first PV entry only: what was written through another
 * mapping is lost.
 */
public final class ModifiedOfFirstMappingOnly implements PmapProvider {

  /** Makes the provider. */
  public ModifiedOfFirstMappingOnly() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public boolean isModified(VmPage page) {
      PvEntry first = page.firstPv();
      return first != null
          && (((PmapPv) first).pmap().tables().pte(first.va) & PteBits.M) != 0
          && super.isModified(page);
    }
  }
}
