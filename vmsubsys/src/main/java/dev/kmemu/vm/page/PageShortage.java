package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;

/**
 * Waiting for free pages: {@code vm_wait}, {@code vm_waitpfault} and the thresholds of the pageout
 * daemon. There is no daemon: whoever waits goes on when somebody frees pages. Callers hold {@code
 * vm_token}.
 */
public final class PageShortage {

  private static final int CLUSTER_PAGES = 16;
  private static final int MAX_BUFFER_PAGES = 32;

  private final VmStats stats;
  private final SleepQueue sleepQueue;
  private boolean pagesNeeded;

  /** Creates the state with nobody waiting. */
  public PageShortage(VmStats stats, SleepQueue sleepQueue) {
    this.stats = stats;
    this.sleepQueue = sleepQueue;
  }

  /** Sets the thresholds, all zero before, as the pageout daemon does when it starts. */
  public void setThresholds() {
    long pages = stats.get(VmCounter.PAGE_COUNT);
    long interruptMin = 2;
    long pageoutMin = MAX_BUFFER_PAGES + interruptMin;
    long base = pages > 1024 ? 4 + (pages - 1024) / 200 : 4;
    long cluster = pages < 2000 ? CLUSTER_PAGES / 2 : CLUSTER_PAGES;
    long reserved = cluster + pageoutMin + pages / 768 + PageQueueIndex.COLORS;
    long min = base + reserved;
    stats.set(VmCounter.INTERRUPT_FREE_MIN, interruptMin);
    stats.set(VmCounter.PAGEOUT_FREE_MIN, pageoutMin);
    stats.set(VmCounter.FREE_RESERVED, reserved);
    stats.set(VmCounter.FREE_SEVERE, base / 2 + reserved);
    stats.set(VmCounter.FREE_MIN, min);
    stats.set(
        VmCounter.FREE_TARGET, (stats.get(VmCounter.FREE_COUNT) > 6144 ? 4 : 2) * min + reserved);
  }

  /** {@code vm_wait}: sleeps until enough pages are free again. */
  public void waitForPages(String wmesg) {
    pagesNeeded = true;
    sleepQueue.sleep(stats, wmesg);
  }

  /** Returns the channel of those who wait. */
  public Object channel() {
    return stats;
  }

  /** {@code vm_page_free_wakeup}. */
  void wakeIfEnough() {
    if (pagesNeeded && !stats.isBelowMinimum()) {
      pagesNeeded = false;
      sleepQueue.wakeup(stats);
    }
  }
}
