package dev.kmemu.vm.pageout;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.pager.Pagers;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pager.SwapSpace;

/** What makes room in RAM and brings pages back: reclaim, pageout and the pagers. */
public final class Paging implements AutoCloseable {

  private final PageReclaim reclaim;
  private final Pagers pagers;
  private final Pageout pageout;

  /**
   * Starts the pageout daemon and opens swap.
   *
   * @throws dev.kmemu.vm.pager.SwapUnavailableException when the swap file can't be used
   */
  public Paging(
      VmTokens tokens,
      VmStats stats,
      PageQueues queues,
      PageState state,
      PageAllocator allocator,
      PageMappings mappings,
      PageShortage shortage,
      VmObjects objects,
      PageArray pages,
      PhysicalMemory ram,
      SwapConfig swap) {
    reclaim = new PageReclaim(stats, queues, state, allocator, shortage);
    pagers = new Pagers(tokens, objects, allocator, state, pages);
    pageout = new Pageout(stats, queues, objects, state, reclaim, mappings, pagers);
    shortage.start(pageout);
    SwapSpace space = swap.open();
    if (space != null) {
      pagers.swapOn(space, ram, stats, shortage);
    }
  }

  /** Returns {@code vm_page_cache} and its kin; use it under {@code vm_token}. */
  public PageReclaim reclaim() {
    return reclaim;
  }

  /** Returns the pageout daemon's work; do it under {@code vm_token}. */
  public Pageout pageout() {
    return pageout;
  }

  /** Returns the pagers. */
  public Pagers pagers() {
    return pagers;
  }

  @Override
  public void close() {
    pagers.close();
  }
}
