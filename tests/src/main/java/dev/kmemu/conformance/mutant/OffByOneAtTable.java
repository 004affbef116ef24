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
 * {@code pmap_remove} misses the last page before a 2 MiB boundary when the range goes on behind
 * it.
 */
public final class OffByOneAtTable implements PmapProvider {

  /** Makes the provider. */
  public OffByOneAtTable() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void remove(Pmap pmap, long start, long end) {
      long boundary = (start & -KvaLayout.NBPDR) + KvaLayout.NBPDR;
      if (start != boundary && VmArith.below(boundary, end)) {
        super.remove(pmap, start, boundary - VmArith.PAGE_SIZE);
        super.remove(pmap, boundary, end);
      } else {
        super.remove(pmap, start, end);
      }
    }
  }
}
