package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;

/**
 * Taking pages from their objects: {@code vm_page_cache}, {@code vm_page_try_to_free} and their
 * kin. A page is busy from the look at its dirty bits until it is on its new queue, so that nobody
 * can use it in between. Callers hold {@code vm_token}.
 */
public final class PageReclaim {

  private static final int DONTNEED_KEEP_MASK = 0x01F0;
  private static final int DONTNEED_TAIL_MASK = 0x0070;

  private final VmStats stats;
  private final PageQueues queues;
  private final PageState state;
  private final PageAllocator allocator;
  private final PageShortage shortage;
  private int dontneedWeight;

  /** Creates the operations. */
  public PageReclaim(
      VmStats stats,
      PageQueues queues,
      PageState state,
      PageAllocator allocator,
      PageShortage shortage) {
    this.stats = stats;
    this.queues = queues;
    this.state = state;
    this.allocator = allocator;
    this.shortage = shortage;
  }

  /** {@code vm_page_undirty}: the page's contents are in its backing store. */
  public void undirty(VmPage page) {
    page.dirty = 0;
    page.clearFlag(PageFlags.WINATCFLS);
  }

  /**
   * {@code vm_page_cache}: ends the busy state of a clean page and lets it be reused at once; until
   * then its object still finds it. A page that proves dirty, wired or held isn't cached.
   *
   * @return whether the page is on a cache queue
   * @throws KernelPanic for a page that is known to be dirty
   */
  public boolean cache(VmPage page) {
    if (page.dirty != 0) {
      throw new KernelPanic(
          "vm_page_cache: caching a dirty page, pindex: " + page.pindex, page.toString());
    }
    if (page.softBusy != 0 || page.has(PageFlags.UNMANAGED | PageFlags.FICTITIOUS)) {
      state.wakeup(page);
      return false;
    }
    state.protectNone(page);
    boolean clean = page.dirty == 0;
    if (clean && page.wireCount == 0 && page.holdCount == 0) {
      queues.remove(page);
      queues.addTail(page, PageQueueIndex.CACHE + page.color());
      state.wakeup(page);
      shortage.wakeIfEnough();
      return true;
    }
    if (!clean) {
      state.deactivate(page);
    }
    state.wakeup(page);
    return false;
  }

  /** {@code vm_page_try_to_cache}: caches an idle, clean page; returns whether it did. */
  public boolean tryToCache(VmPage page) {
    return takeIfClean(page) && cache(page);
  }

  /** {@code vm_page_try_to_free}: frees an idle, clean page; returns whether it did. */
  public boolean tryToFree(VmPage page) {
    if (!takeIfClean(page)) {
      return false;
    }
    state.protectNone(page);
    if (page.dirty != 0) {
      // Written between the look at its dirty bits and the loss of its mappings.
      state.wakeup(page);
      return false;
    }
    allocator.free(page);
    return true;
  }

  private boolean takeIfClean(VmPage page) {
    if (page.dirty != 0
        || page.holdCount != 0
        || page.wireCount != 0
        || page.isBusy()
        || page.has(PageFlags.UNMANAGED | PageFlags.FICTITIOUS)) {
      return false;
    }
    state.testDirty(page);
    if (page.dirty != 0) {
      return false;
    }
    state.busy(page);
    return true;
  }

  /** {@code vm_pageout_page_free}: frees an idle page whatever it holds. */
  public void discard(VmPage page) {
    state.busy(page);
    state.protectNone(page);
    allocator.free(page);
    stats.add(VmCounter.DFREE, 1);
  }

  /**
   * {@code vm_page_dontneed}: the page won't be used soon. Most calls deactivate it, clean pages
   * ahead of all others; some leave it where it is, so that sequential use can't empty the queues.
   */
  public void dontneed(VmPage page) {
    int weight = ++dontneedWeight;
    if ((weight & DONTNEED_KEEP_MASK) == 0
        || page.queue == PageQueueIndex.INACTIVE
        || page.queue - page.color() == PageQueueIndex.CACHE) {
      state.decline(page);
      return;
    }
    if (page.dirty == 0) {
      state.testDirty(page);
    }
    state.deactivate(page, page.dirty == 0 && (weight & DONTNEED_TAIL_MASK) != 0);
  }

  /** Exchanges the state with a snapshot. */
  public void exchange(StateExchange state) {
    dontneedWeight = state.exchange(dontneedWeight);
  }
}
