package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PteBits;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/** {@code pmap_remove} drops A: a page that was just used goes to the end of the queue. */
public final class LostAccessedOnRemove implements PmapProvider {

  /** Makes the provider. */
  public LostAccessedOnRemove() {}

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
      Entries.clearManaged(pmap, start, end, PteBits.A);
      super.remove(pmap, start, end);
    }
  }
}
