package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_remove_pages} takes wired mappings, too: a page that DMA or {@code mlock} relies on
 * is gone.
 */
public final class WiredPageRemoved implements PmapProvider {

  /** Makes the provider. */
  public WiredPageRemoved() {}

  @Override
  public PmapModule create(PmapContext context) {
    return new Mutant(new StandardPmap(context));
  }

  private static final class Mutant extends ForwardingPmap {

    Mutant(PmapModule target) {
      super(target);
    }

    @Override
    public void removePages(Pmap pmap, long start, long end) {
      super.remove(pmap, start, end);
    }
  }
}
