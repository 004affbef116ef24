package dev.kmemu.vm.pageout;

import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.Pagers;
import dev.kmemu.vm.pager.SwapPager;
import org.jspecify.annotations.Nullable;

/** {@code vm_pageout_clean}: writes dirty pages out through their pagers. */
final class Laundry {

  private final VmObjects objects;
  private final PageState state;
  private final PageReclaim reclaim;
  private final Pagers pagers;

  Laundry(VmObjects objects, PageState state, PageReclaim reclaim, Pagers pagers) {
    this.objects = objects;
    this.state = state;
    this.reclaim = reclaim;
    this.pagers = pagers;
  }

  /**
   * Writes an idle, dirty page of the inactive queue and caches it; returns whether it did. A page
   * that can't be written now stays where it is in the queue.
   */
  boolean clean(VmPage page, VmObject object) {
    Pager pager = pagerOf(object);
    if (pager == null || object.isDead()) {
      return false;
    }
    state.busy(page);
    objects.pagingBegin(object);
    PagerResult result;
    try {
      state.protectNone(page);
      result = pager.putPage(object, page);
    } catch (RuntimeException | Error e) {
      state.activate(page);
      state.wakeup(page);
      throw e;
    } finally {
      objects.pagingEnd(object);
    }
    switch (result) {
      case OK, BAD -> {
        // BAD: the page lies outside what the pager keeps, nobody will ask for it again.
        reclaim.undirty(page);
        return reclaim.cache(page);
      }
      case FAIL, ERROR -> state.activate(page);
      case AGAIN -> {}
    }
    state.wakeup(page);
    return false;
  }

  /** Whether the page is clean, or there is a place to write it to. */
  boolean canTake(VmPage page, VmObject object) {
    state.testDirty(page);
    if (page.dirty() == 0) {
      return true;
    }
    Pager pager = pagerOf(object);
    return pager != null
        && !object.isDead()
        && (!(pager instanceof SwapPager swap) || swap.hasRoomFor(object, page.pindex()));
  }

  private @Nullable Pager pagerOf(VmObject object) {
    return object.type() == ObjectType.DEFAULT ? pagers.swap() : object.pager();
  }
}
