package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_protect} does nothing for the last page of a longer range: after a fork, parent and
 * child share it.
 */
public final class SharedCopyOnWrite implements PmapProvider {

  /** Makes the provider. */
  public SharedCopyOnWrite() {}

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
      boolean longer = end - start > VmArith.PAGE_SIZE && (prot & VmProt.READ) != 0;
      super.protect(pmap, start, longer ? end - VmArith.PAGE_SIZE : end, prot);
    }
  }
}
