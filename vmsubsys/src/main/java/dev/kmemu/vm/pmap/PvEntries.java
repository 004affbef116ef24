package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.page.PvEntry;
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

  /** Numbers the entries in their order. */
  void number(Numbering<PvEntry> numbers) {
    for (PmapPv pv = head; pv != null; pv = pv.nextOnPmap) {
      numbers.add(pv);
    }
  }

  /** Gives all entries back to the zone; their pages must have forgotten them. */
  void dropAll() {
    for (PmapPv pv = head; pv != null; ) {
      PmapPv next = pv.nextOnPmap;
      zone.give(pv);
      pv = next;
    }
    head = null;
    tail = null;
    count = 0;
  }

  /** Exchanges the entries' addresses with a snapshot; their pages enter them later. */
  void exchange(StateExchange state, Numbering<PvEntry> restored) {
    int wanted = state.exchange(count);
    PmapPv pv = head;
    for (int i = 0; i < wanted; i++) {
      if (state.isSaving() && pv != null) {
        state.exchange(pv.va);
        pv = pv.nextOnPmap;
      } else {
        restored.add(add(state.exchange(0L)));
      }
    }
    generation = state.exchange(generation);
  }
}
