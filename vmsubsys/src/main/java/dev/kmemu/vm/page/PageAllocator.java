package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_page_alloc}, {@code vm_page_free} and {@code vm_page_grab} ({@code sys/vm/vm_page.c}).
 * Callers hold {@code vm_token}.
 */
public final class PageAllocator {

  private final VmTokens tokens;
  private final VmStats stats;
  private final PageQueues queues;
  private final PageState state;
  private final SleepQueue sleepQueue;
  private final PageShortage shortage;

  /** Creates the allocator; it has no pages until {@link #addNewPage}. */
  public PageAllocator(
      VmTokens tokens,
      VmStats stats,
      PageQueues queues,
      PageState state,
      SleepQueue sleepQueue,
      PageShortage shortage) {
    this.tokens = tokens;
    this.stats = stats;
    this.queues = queues;
    this.state = state;
    this.sleepQueue = sleepQueue;
    this.shortage = shortage;
  }

  /**
   * {@code vm_add_new_page}: gives a page to the free queues.
   *
   * @param zeroed whether its contents are known to be zero
   */
  public void addNewPage(VmPage page, boolean zeroed) {
    stats.add(VmCounter.PAGE_COUNT, 1);
    page.flags = zeroed ? PageFlags.ZERO : 0;
    queues.addTail(page, PageQueueIndex.FREE + page.color());
  }

  /**
   * {@code vm_page_alloc}: a busy page, inserted in {@code object}, or null; never blocks.
   *
   * @param request bits of {@link AllocRequest}
   */
  public @Nullable VmPage alloc(PageOwner object, long pindex, int request) {
    tokens.vm().assertHeld("vm_page_alloc");
    if ((request & AllocRequest.CLASSES) == 0) {
      throw KernelPanic.assertion(
          "page_req & (VM_ALLOC_NORMAL|VM_ALLOC_QUICK|VM_ALLOC_INTERRUPT|VM_ALLOC_SYSTEM)",
          "vm_page_alloc");
    }
    if (object.residentPage(pindex) != null) {
      throw KernelPanic.assertion("vm_page_lookup(object, pindex) == NULL", "vm_page_alloc");
    }
    int color = (int) (pindex + object.pageColor()) & PageQueueIndex.COLOR_MASK;
    while (!mayTakeFree(request)) {
      VmPage cached =
          (request & AllocRequest.NORMAL) != 0
              ? queues.find(PageQueueIndex.CACHE, color, false)
              : null;
      if (cached == null) {
        stats.add(VmCounter.PAGEOUT_DEFICIT, 1);
        return null;
      }
      reclaim(cached);
    }
    VmPage page = queues.find(PageQueueIndex.FREE, color, (request & AllocRequest.ZERO) != 0);
    if (page == null) {
      throw new KernelPanic(
          "vm_page_alloc: missing page on free queue",
          "v_free_count " + stats.get(VmCounter.FREE_COUNT));
    }
    queues.remove(page);
    page.flags = PageFlags.BUSY | (page.flags & PageFlags.ZERO);
    page.wireCount = 0;
    page.holdCount = 0;
    page.activity = 0;
    page.softBusy = 0;
    page.valid = 0;
    insert(page, object, pindex);
    return page;
  }

  /** {@code vm_page_insert}. */
  public void insert(VmPage page, PageOwner object, long pindex) {
    if (page.owner != null) {
      throw new KernelPanic("vm_page_insert: already inserted", page.toString());
    }
    page.owner = object;
    page.pindex = pindex;
    object.addResident(page);
  }

  /** {@code vm_page_remove}: takes a busy page out of its object. */
  public void remove(VmPage page) {
    PageOwner owner = page.owner;
    if (owner == null) {
      return;
    }
    if (!page.has(PageFlags.BUSY)) {
      throw new KernelPanic("vm_page_remove: page not busy", page.toString());
    }
    owner.removeResident(page);
    page.owner = null;
  }

  /**
   * {@code vm_page_rename}: moves a busy page, which stays busy and mapped, to another object. It
   * is dirty then: the object that it comes to has no other copy.
   */
  public void rename(VmPage page, PageOwner object, long pindex) {
    remove(page);
    insert(page, object, pindex);
    if (page.isCached()) {
      state.deactivate(page);
    }
    state.dirty(page);
  }

  /**
   * {@code vm_page_grab}: the page at {@code pindex}, busy, as it is or new. May sleep.
   *
   * @return null only without {@link AllocRequest#RETRY}
   */
  public @Nullable VmPage grab(PageOwner object, long pindex, int request) {
    boolean retry = (request & AllocRequest.RETRY) != 0;
    while (true) {
      VmPage page = object.residentPage(pindex);
      if (page == null) {
        page = alloc(object, pindex, request & ~AllocRequest.RETRY);
        if (page != null) {
          return page;
        }
        shortage.waitForPages("vmwait");
      } else if (page.isBusy()) {
        page.setFlag(PageFlags.WANTED | PageFlags.REFERENCED);
        sleepQueue.sleep(page, "pgrbwt");
      } else {
        state.busy(page);
        return page;
      }
      if (!retry) {
        return null;
      }
    }
  }

  /** {@code vm_page_free}: frees a page whose contents aren't known. */
  public void free(VmPage page) {
    page.clearFlag(PageFlags.ZERO);
    freeToQueue(page);
  }

  /**
   * {@code vm_page_free_zero}: frees a page that its user says is zero again.
   *
   * @throws KernelPanic when it isn't
   */
  public void freeZero(VmPage page) {
    if (!state.isZero(page)) {
      throw new KernelPanic("non-zero page in vm_page_free_zero()", page.toString());
    }
    page.setFlag(PageFlags.ZERO);
    freeToQueue(page);
  }

  /** {@code vm_page_unhold}: the last unhold of a page freed meanwhile really frees it. */
  public void unhold(VmPage page) {
    if (--page.holdCount < 0) {
      throw new KernelPanic("vm_page_unhold: hold count < 0!!!", page.toString());
    }
    if (page.holdCount == 0 && page.queue == PageQueueIndex.HOLD) {
      state.busy(page);
      freeToQueue(page);
    }
    shortage.pokeAfterObstacle();
  }

  /** {@code vm_page_free_toq}. */
  void freeToQueue(VmPage page) {
    tokens.vm().assertHeld("vm_page_free_toq");
    if (page.has(PageFlags.MAPPED)) {
      throw KernelPanic.assertion("(m->flags & PG_MAPPED) == 0", "vm_page_free_toq");
    }
    if (page.softBusy != 0) {
      throw new KernelPanic("vm_page_free: freeing busy page", page.toString());
    }
    if (page.queue - page.color() == PageQueueIndex.FREE) {
      throw new KernelPanic("vm_page_free: freeing free page", page.toString());
    }
    queues.remove(page);
    remove(page);
    if (page.has(PageFlags.FICTITIOUS)) {
      state.wakeup(page);
      return;
    }
    stats.add(VmCounter.TFREE, 1);
    page.valid = 0;
    page.dirty = 0;
    checkUnwired(page);
    page.clearFlag(PageFlags.UNMANAGED);
    if (page.holdCount != 0) {
      page.clearFlag(PageFlags.ZERO);
      queues.addTail(page, PageQueueIndex.HOLD);
    } else if (page.has(PageFlags.ZERO)) {
      queues.addTail(page, PageQueueIndex.FREE + page.color());
    } else {
      queues.addHead(page, PageQueueIndex.FREE + page.color());
    }
    state.wakeup(page);
    shortage.wakeIfEnough();
  }

  private static void checkUnwired(VmPage page) {
    if (page.wireCount == 1) {
      throw new KernelPanic("vm_page_free: freeing wired page", page.toString());
    } else if (page.wireCount != 0) {
      throw new KernelPanic(
          String.format(
              "vm_page_free: invalid wire count (%d), pindex: 0x%x", page.wireCount, page.pindex),
          page.toString());
    }
  }

  private boolean mayTakeFree(int request) {
    long free = stats.get(VmCounter.FREE_COUNT);
    return free > stats.get(VmCounter.FREE_RESERVED)
        || ((request & AllocRequest.INTERRUPT) != 0 && free > 0)
        || (stats.get(VmCounter.CACHE_COUNT) == 0
            && free > stats.get(VmCounter.INTERRUPT_FREE_MIN)
            && isSystem(request));
  }

  private static boolean isSystem(int request) {
    return (request & AllocRequest.SYSTEM) != 0 || LwktThread.current().isSystemThread();
  }

  /** Frees a cache page, or puts one that can't be freed back on the inactive queue. */
  private void reclaim(VmPage page) {
    if (page.dirty != 0) {
      throw new KernelPanic("Found dirty cache page", page.toString());
    }
    if (page.isBusy() || page.holdCount != 0 || page.wireCount != 0) {
      state.deactivate(page);
      return;
    }
    state.busy(page);
    state.protectNone(page);
    free(page);
  }
}
