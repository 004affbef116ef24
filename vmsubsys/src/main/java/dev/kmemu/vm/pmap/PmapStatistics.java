package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;

/** {@code struct pmap_statistics}. Callers hold {@code vm_token}. */
public final class PmapStatistics {

  private long residentCount;
  private long wiredCount;

  /** Returns the number of mappings that {@code pmap_enter} made, and page-table pages. */
  public long residentCount() {
    return residentCount;
  }

  /** Returns the number of wired mappings. */
  public long wiredCount() {
    return wiredCount;
  }

  /** Counts a mapping that was made, or a page-table page of a user map. */
  public void addResident() {
    residentCount++;
  }

  /**
   * Counts mappings, or page-table pages, that went.
   *
   * @throws KernelPanic naming {@code function} when there were fewer
   */
  public void dropResident(long mappings, String function) {
    if (residentCount < mappings) {
      throw KernelPanic.assertion("pmap->pm_stats.resident_count > 0", function);
    }
    residentCount -= mappings;
  }

  /** Counts a mapping that became wired with 1, or is wired no more with -1. */
  public void addWired(int delta) {
    wiredCount += delta;
  }

  void exchange(StateExchange state) {
    residentCount = state.exchange(residentCount);
    wiredCount = state.exchange(wiredCount);
  }
}
