package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.page.VmPage;

/**
 * {@code struct pagerops} ({@code sys/vm/vm_pager.h}): where an object's pages come from when they
 * aren't resident, and where they go. Pages that are handed over are busy and stay so; callers hold
 * {@code vm_token}, which a pager may lose while it sleeps. It sleeps in {@link #getPage}, {@link
 * #putPage} and {@link #deallocate} only, and takes no map lock.
 */
public interface Pager {

  /** {@code haspage}: whether the pager holds the page at {@code pindex}. */
  boolean hasPage(VmObject object, long pindex);

  /**
   * {@code getpage}: fills the busy {@code page} of {@code object} and marks it valid. It may put
   * another page, busy as well, in its place.
   *
   * @return OK; FAIL when it has no such page, which then comes from the object behind; BAD when
   *     the page can't exist; ERROR when it can't be read
   */
  PagerResult getPage(VmObject object, VmPage page);

  /** {@code putpages} for one page: saves the busy {@code page}; its mappings are gone by then. */
  PagerResult putPage(VmObject object, VmPage page);

  /**
   * Forgets what it holds of [first, first + count), as {@code swap_pager_freespace} does. Nothing,
   * unless it holds contents for the object.
   */
  default void freeSpace(VmObject object, long first, long count) {}

  /** {@code dealloc}: the object ends. */
  default void deallocate(VmObject object) {}

  /**
   * {@code swap_pager_copy}: moves what it holds of {@code from} up to {@code to}, which {@code
   * from} backs, as a collapse does: index i becomes i - {@code indexOffset} where {@code to} has
   * neither a page nor anything stored; the rest is forgotten. Only anonymous objects are
   * collapsed: for a pager that has none of them it panics.
   *
   * @param indexOffset where {@code to} begins in {@code from}, in pages
   */
  default void handOver(VmObject from, VmObject to, long indexOffset) {
    throw KernelPanic.assertion("backing_object->type == OBJT_SWAP", "vm_object_collapse");
  }
}
