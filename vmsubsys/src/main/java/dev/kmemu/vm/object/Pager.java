package dev.kmemu.vm.object;

import dev.kmemu.vm.page.VmPage;

/**
 * {@code struct pagerops} ({@code sys/vm/vm_pager.h}): where an object's pages come from when they
 * aren't resident, and where they go. Pages that are handed over are busy and stay so; callers hold
 * {@code vm_token}, which a pager may lose while it sleeps.
 */
public interface Pager {

  /** {@code haspage}: whether the pager holds the page at {@code pindex}. */
  boolean hasPage(VmObject object, long pindex);

  /** {@code getpage}: fills the busy {@code page} of {@code object} and marks it valid. */
  PagerResult getPage(VmObject object, VmPage page);

  /** {@code putpages} for one page: saves the busy {@code page}; its mappings are gone by then. */
  PagerResult putPage(VmObject object, VmPage page);

  /** Forgets what it holds of [first, first + count), as {@code swap_pager_freespace} does. */
  void freeSpace(VmObject object, long first, long count);

  /** {@code dealloc}: the object ends. */
  void deallocate(VmObject object);

  /**
   * Moves what it holds of {@code from} up to {@code to}, which {@code from} backs, as a collapse
   * does: index i becomes i - {@code indexOffset} where {@code to} has neither a page nor anything
   * stored; the rest is forgotten.
   *
   * @param indexOffset where {@code to} begins in {@code from}, in pages
   */
  default void handOver(VmObject from, VmObject to, long indexOffset) {}
}
