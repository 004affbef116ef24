package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.VmPage;

/**
 * The managed mappings of pages in all physical maps, as the VM asks for them: {@code
 * pmap_page_protect} and the bits that the CPU sets. Callers hold {@code vm_token}.
 */
public final class PmapMappings implements PageMappings {

  private final CleanMap cleanMap = new CleanMap();
  private @org.jspecify.annotations.Nullable PageRoutines module;

  /** Creates it for a page layer that exists before the pmap does. */
  public PmapMappings() {}

  void setModule(PageRoutines routines) {
    module = routines;
  }

  private PageRoutines module() {
    PageRoutines routines = module;
    if (routines == null) {
      throw new IllegalStateException("a page was asked for its mappings before there is a pmap");
    }
    return routines;
  }

  CleanMap cleanMap() {
    return cleanMap;
  }

  /** {@code clean_sva}, {@code clean_eva}: where nobody asks whether a page was modified. */
  public void setCleanMap(long start, long end) {
    cleanMap.set(start, end);
  }

  /** {@code pmap_remove_all}. */
  @Override
  public void removeAll(VmPage page) {
    module().pageProtect(page, VmProt.NONE);
  }

  @Override
  public void flush() {
    module().flush();
  }

  @Override
  public void strip(VmPage page) {
    module().strip(page);
  }

  /** {@code pmap_page_protect}: withdraws write access, or with NONE every mapping. */
  public void pageProtect(VmPage page, int prot) {
    module().pageProtect(page, prot);
  }

  @Override
  public void protectRead(VmPage page) {
    module().pageProtect(page, VmProt.READ);
  }

  @Override
  public boolean isModified(VmPage page) {
    return module().isModified(page);
  }

  /** {@code pmap_clear_modify}. */
  public void clearModify(VmPage page) {
    module().clearModify(page);
  }

  /** {@code pmap_clear_reference}. */
  public void clearReference(VmPage page) {
    module().clearReference(page);
  }

  /** {@code pmap_ts_referenced}: counts and clears A bits, 5 at most. */
  public int testAndClearReferenced(VmPage page) {
    return module().tsReferenced(page);
  }

  @Override
  public int tsReferenced(VmPage page) {
    return module().tsReferenced(page);
  }

  /** Exchanges the bounds of the clean map with a snapshot. */
  public void exchange(StateExchange state) {
    cleanMap.exchange(state);
  }
}
