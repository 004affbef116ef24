package dev.kmemu.conformance.mutant;

import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;

/**
 * {@code pmap_remove} frees an empty page table and leaves the directory entry that points to it.
 */
public final class TablePageFreedBeforeItIsUnlinked implements PmapProvider {

  /** Makes the provider. */
  public TablePageFreedBeforeItIsUnlinked() {}

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
      PageTables tables = pmap.tables();
      long slot = KvaLayout.isUser(start) ? tables.pdeAddress(start) : 0;
      long pde = slot == 0 ? 0 : tables.load(slot);
      super.remove(pmap, start, end);
      if (slot != 0 && tables.pdeAddress(start) == slot && tables.load(slot) == 0) {
        tables.store(slot, pde);
      }
    }
  }
}
