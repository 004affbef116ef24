package dev.kmemu.vm.pmap;

import org.jspecify.annotations.Nullable;

/** {@code pm_pvlist} and {@code pm_generation}. Callers hold {@code vm_token}. */
final class PvEntries {

  private final Pmap pmap;
  private final PvZone zone;
  private @Nullable PmapPv head;
  private @Nullable PmapPv tail;
  private int count;
  private int generation;

  PvEntries(Pmap pmap, PvZone zone) {
    this.pmap = pmap;
    this.zone = zone;
  }

  int count() {
    return count;
  }

  /** A number that changes whenever an entry comes or goes. */
  int generation() {
    return generation;
  }

  @Nullable PmapPv first() {
    return head;
  }

  PmapPv add(long va) {
    PmapPv pv = zone.take();
    pv.owner = pmap;
    pv.va = va;
    // At the end: what was entered in ascending order is found at once when it goes in that order.
    pv.prevOnPmap = tail;
    pv.nextOnPmap = null;
    if (tail == null) {
      head = pv;
    } else {
      tail.nextOnPmap = pv;
    }
    tail = pv;
    count++;
    generation++;
    return pv;
  }

  void remove(PmapPv pv) {
    PmapPv next = pv.nextOnPmap;
    PmapPv previous = pv.prevOnPmap;
    if (next == null) {
      tail = previous;
    } else {
      next.prevOnPmap = previous;
    }
    if (previous == null) {
      head = next;
    } else {
      previous.nextOnPmap = next;
    }
    zone.give(pv);
    count--;
    generation++;
  }
}
