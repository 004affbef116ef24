package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;

/** {@code clean_sva}, {@code clean_eva}: where nobody asks whether a page was modified. */
public final class CleanMap {

  private long start;
  private long end;

  CleanMap() {}

  /** {@code pmap_track_modified}: whether M of a mapping at {@code va} counts. */
  public boolean tracks(long va) {
    return VmArith.below(va, start) || !VmArith.below(va, end);
  }

  void set(long newStart, long newEnd) {
    start = newStart;
    end = newEnd;
  }

  void exchange(StateExchange state) {
    start = state.exchange(start);
    end = state.exchange(end);
  }
}
