package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_remove} drops M of the entries it clears: what was written is thrown away when the
 * page is reused.
 */
public final class LostModifiedOnRemove implements PmapProvider {

  /** Makes the provider. */
  public LostModifiedOnRemove() {}

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
      Entries.clearManaged(pmap, start, end, PteBits.M);
      super.remove(pmap, start, end);
    }
  }
}
