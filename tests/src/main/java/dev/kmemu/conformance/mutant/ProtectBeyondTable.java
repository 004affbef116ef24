package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_protect} rounds a range that ends at a 2 MiB boundary up to the first page behind it.
 */
public final class ProtectBeyondTable implements PmapProvider {

  /** Makes the provider. */
  public ProtectBeyondTable() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void protect(Pmap pmap, long start, long end, int prot) {
      boolean atBoundary = end != start && (end & (KvaLayout.NBPDR - 1)) == 0;
      super.protect(pmap, start, atBoundary ? end + VmArith.PAGE_SIZE : end, prot);
    }
  }
}
