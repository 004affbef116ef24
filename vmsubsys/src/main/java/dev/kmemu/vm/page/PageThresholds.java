package dev.kmemu.vm.page;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;

/** The limits that tell whether pages are short, as {@code vm_pageout} computes them at boot. */
public final class PageThresholds {

  private static final int CLUSTER_PAGES = 16;
  private static final int MAX_BUFFER_PAGES = 32;
  private static final int ROOMY_PAGES = 6144;
  private static final int CACHING_PAGES = 2048;

  private PageThresholds() {}

  /** Sets the thresholds, all zero before, from the pages that {@code stats} counts. */
  public static void set(VmStats stats) {
    long pages = stats.get(VmCounter.PAGE_COUNT);
    long free = stats.get(VmCounter.FREE_COUNT);
    long interruptMin = 2;
    long pageoutMin = MAX_BUFFER_PAGES + interruptMin;
    long base = pages > 1024 ? 4 + (pages - 1024) / 200 : 4;
    long cluster = pages < 2000 ? CLUSTER_PAGES / 2 : CLUSTER_PAGES;
    long reserved = cluster + pageoutMin + pages / 768 + PageQueueIndex.COLORS;
    long min = base + reserved;
    long target = (free > ROOMY_PAGES ? 4 : 2) * min + reserved;
    stats.set(VmCounter.INTERRUPT_FREE_MIN, interruptMin);
    stats.set(VmCounter.PAGEOUT_FREE_MIN, pageoutMin);
    stats.set(VmCounter.FREE_RESERVED, reserved);
    stats.set(VmCounter.FREE_SEVERE, base / 2 + reserved);
    stats.set(VmCounter.FREE_MIN, min);
    stats.set(VmCounter.FREE_TARGET, target);
    boolean caching = free > CACHING_PAGES;
    stats.set(VmCounter.CACHE_MIN, caching ? target : 0);
    stats.set(VmCounter.CACHE_MAX, caching ? 2 * target : 0);
    stats.set(VmCounter.INACTIVE_TARGET, Math.min(caching ? 3 * target / 2 : free / 4, free / 3));
  }
}
