package dev.kmemu.vm.pmap;

import org.jspecify.annotations.Nullable;

/**
 * The free PV entries of all physical maps. Grows by chunks and never shrinks, so a steady load
 * allocates nothing. Callers hold {@code vm_token}.
 */
final class PvZone {

  private static final int CHUNK = 256;

  private @Nullable PmapPv free;

  PmapPv take() {
    PmapPv pv = free;
    if (pv == null) {
      pv = grow();
    }
    free = pv.nextOnPmap;
    return pv;
  }

  void give(PmapPv pv) {
    pv.owner = null;
    pv.prevOnPmap = null;
    pv.nextOnPmap = free;
    free = pv;
  }

  private PmapPv grow() {
    PmapPv first = new PmapPv();
    PmapPv last = first;
    for (int i = 1; i < CHUNK; i++) {
      PmapPv pv = new PmapPv();
      last.nextOnPmap = pv;
      last = pv;
    }
    free = first;
    return first;
  }
}
