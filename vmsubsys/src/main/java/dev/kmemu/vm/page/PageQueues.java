package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import org.jspecify.annotations.Nullable;

/**
 * The paging queues and the counters they feed ({@code vm_page_queues}). HOLD counts as active, as
 * upstream has it. Callers hold {@code vm_token}.
 */
public final class PageQueues {

  private final PageQueue[] queues = new PageQueue[PageQueueIndex.COUNT];
  private final VmStats stats;

  /** Creates empty queues. */
  public PageQueues(VmStats stats) {
    this.stats = stats;
    for (int i = 0; i < queues.length; i++) {
      queues[i] = new PageQueue(i);
    }
  }

  /** Returns the number of pages on a queue. */
  public int length(int queue) {
    return queues[queue].length();
  }

  /** Returns the first page of a queue. */
  public @Nullable VmPage first(int queue) {
    return queues[queue].head();
  }

  /** Returns the page after {@code page} on its queue. */
  public static @Nullable VmPage next(VmPage page) {
    return page.nextOnQueue;
  }

  /** Returns the counter that a queue feeds; null for NONE. */
  public static @Nullable VmCounter counterOf(int queue) {
    if (queue == PageQueueIndex.NONE) {
      return null;
    } else if (queue < PageQueueIndex.INACTIVE) {
      return VmCounter.FREE_COUNT;
    } else if (queue == PageQueueIndex.INACTIVE) {
      return VmCounter.INACTIVE_COUNT;
    } else if (queue == PageQueueIndex.ACTIVE || queue == PageQueueIndex.HOLD) {
      return VmCounter.ACTIVE_COUNT;
    }
    return VmCounter.CACHE_COUNT;
  }

  void addHead(VmPage page, int queue) {
    queues[queue].addHead(page);
    count(page, queue, 1);
  }

  void addTail(VmPage page, int queue) {
    queues[queue].addTail(page);
    count(page, queue, 1);
  }

  /** {@code vm_page_unqueue}: takes the page off its queue, if it is on one. */
  void remove(VmPage page) {
    int queue = page.queue;
    if (queue != PageQueueIndex.NONE) {
      queues[queue].remove(page);
      count(page, queue, -1);
    }
  }

  /**
   * {@code _vm_page_list_find}: a page of the colour, or of the nearest one that has any.
   *
   * @param base {@link PageQueueIndex#FREE} or {@link PageQueueIndex#CACHE}
   * @param preferZero take the wanted colour's pages from the end that keeps zeroed ones
   */
  @Nullable VmPage find(int base, int color, boolean preferZero) {
    PageQueue own = queues[base + color];
    VmPage page = preferZero ? own.tail() : own.head();
    if (preferZero && page != null && !page.has(PageFlags.ZERO)) {
      // No page is zeroed, and the one that was freed last may still be in a cache.
      page = own.head();
    }
    for (int i = PageQueueIndex.COLORS / 2; page == null && i > 0; i--) {
      page = queues[base + ((color + i) & PageQueueIndex.COLOR_MASK)].head();
      if (page == null) {
        page = queues[base + ((color - i) & PageQueueIndex.COLOR_MASK)].head();
      }
    }
    return page;
  }

  /** Returns a cached page of the colour, or of the nearest one that has any. */
  public @Nullable VmPage findCached(int color) {
    return find(PageQueueIndex.CACHE, color, false);
  }

  /** Makes a queue hold the given pages in their order; they were taken off all queues before. */
  void relink(int queue, VmPage[] pages, int[] numbers, int from, int count) {
    queues[queue].relink(pages, numbers, from, count);
  }

  private void count(VmPage page, int queue, int delta) {
    VmCounter counter = counterOf(queue);
    if (counter != null) {
      stats.add(counter, delta);
      if (counter == VmCounter.FREE_COUNT && page.has(PageFlags.ZERO)) {
        stats.add(VmCounter.ZERO_COUNT, delta);
      }
    }
  }
}
