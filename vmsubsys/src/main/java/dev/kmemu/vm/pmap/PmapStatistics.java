package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.StateExchange;

/** {@code struct pmap_statistics}. Callers hold {@code vm_token}. */
public final class PmapStatistics {

  private long residentCount;
  private long wiredCount;

  /** Returns the number of mappings that {@code pmap_enter} made. */
  public long residentCount() {
    return residentCount;
  }

  /** Returns the number of wired mappings. */
  public long wiredCount() {
    return wiredCount;
  }

  void addResident() {
    residentCount++;
  }

  void dropResident(long mappings, String function) {
    if (residentCount < mappings) {
      throw KernelPanic.assertion("pmap->pm_stats.resident_count > 0", function);
    }
    residentCount -= mappings;
  }

  void addWired(int delta) {
    wiredCount += delta;
  }

  void exchange(StateExchange state) {
    residentCount = state.exchange(residentCount);
    wiredCount = state.exchange(wiredCount);
  }
}
