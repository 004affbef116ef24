package dev.kmemu.vm.pageout;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageDaemon;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.Pagers;

/**
 * {@code vm_pageout} ({@code sys/vm/vm_pageout.c}): one pass aims at the paging target; further
 * ones follow at once while pages stay below the minimum and a pass changed anything.
 */
public final class Pageout implements PageDaemon {

  /** A page that was used as much as counts is taken in pass 32, and written out in the next. */
  private static final int MAX_PASSES = 40;

  private final VmStats stats;
  private final PageQueues queues;
  private final PageState state;
  private final PageReclaim reclaim;
  private final InactiveScan inactive;
  private final ActiveScan active;
  private final ScanProgress scan = new ScanProgress();
  private int cacheRover;

  /** Creates the daemon. */
  public Pageout(
      VmStats stats,
      PageQueues queues,
      VmObjects objects,
      PageState state,
      PageReclaim reclaim,
      PageMappings mappings,
      Pagers pagers) {
    this.stats = stats;
    this.queues = queues;
    this.state = state;
    this.reclaim = reclaim;
    Laundry laundry = new Laundry(objects, state, reclaim, pagers);
    this.inactive = new InactiveScan(stats, queues, state, reclaim, mappings, laundry);
    this.active = new ActiveScan(stats, queues, state, reclaim, mappings, laundry);
  }

  @Override
  public boolean run() {
    stats.add(VmCounter.PDWAKEUPS, 1);
    scan.obstacles = false;
    int pass = 0;
    do {
      scan.begin(pass, stats.pagingTarget() + stats.get(VmCounter.PAGEOUT_DEFICIT));
      stats.set(VmCounter.PAGEOUT_DEFICIT, 0);
      inactive.run(scan);
      active.run(scan);
      freeFromCache();
      pass++;
    } while (stats.isBelowMinimum() && scan.changed && pass < MAX_PASSES);
    return scan.obstacles;
  }

  /** Moves pages from the cache to the free queues, for those who may not take cached ones. */
  private void freeFromCache() {
    long target = (stats.get(VmCounter.FREE_MIN) + stats.get(VmCounter.FREE_TARGET)) / 2;
    while (stats.get(VmCounter.FREE_COUNT) < target) {
      VmPage page = queues.findCached(cacheRover);
      if (page == null) {
        return;
      }
      if (page.isBusy() || page.holdCount() != 0) {
        state.deactivate(page);
        continue;
      }
      cacheRover = (cacheRover + PageQueueIndex.PRIME2) & PageQueueIndex.COLOR_MASK;
      reclaim.discard(page);
    }
  }

  /** Exchanges the state between two runs with a snapshot. */
  public void exchange(StateExchange state) {
    cacheRover = state.exchange(cacheRover);
  }
}
