package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/** Clipping of entries and of ranges of entries ({@code vm_map_clip_range} and its kin). */
final class EntryClipping {

  private final VmObjects objects;
  private final EntryMerging merging;
  private final SleepQueue sleepQueue;

  EntryClipping(VmObjects objects, EntryMerging merging, SleepQueue sleepQueue) {
    this.objects = objects;
    this.merging = merging;
    this.sleepQueue = sleepQueue;
  }

  /** {@code vm_map_clip_start}: makes {@code entry} begin at {@code at}, if that is inside it. */
  void clipStart(VmMap map, VmMapEntry entry, long at, EntryReservation reservation) {
    if (!VmArith.below(entry.start, at)) {
      return;
    }
    merging.simplify(map, entry, reservation);
    entry.makeObject(map, objects);
    VmMapEntry head = reservation.create();
    head.copyAttributes(entry);
    head.end = at;
    long length = at - head.start;
    // Only the lowest part of a kernel stack has the guard.
    entry.eflags &= ~EntryFlags.KSTACK;
    VmMapEntry before = entry.prev;
    map.setBounds(entry, at, entry.end);
    entry.offset += length;
    map.link(before, head);
    referenceFor(head);
  }

  /** {@code vm_map_clip_end}: makes {@code entry} end at {@code at}, if that is inside it. */
  void clipEnd(VmMap map, VmMapEntry entry, long at, EntryReservation reservation) {
    if (!VmArith.below(at, entry.end)) {
      return;
    }
    entry.makeObject(map, objects);
    VmMapEntry tail = reservation.create();
    tail.copyAttributes(entry);
    tail.eflags &= ~EntryFlags.KSTACK;
    tail.start = at;
    tail.offset = entry.offset + (at - entry.start);
    map.setBounds(entry, entry.start, at);
    map.link(entry, tail);
    referenceFor(tail);
  }

  private void referenceFor(VmMapEntry entry) {
    if (entry.holdsObject()) {
      objects.reference(entry.object);
    }
  }

  /**
   * {@code vm_map_clip_range}: clips the entries of [start, end) and marks them in transition,
   * waiting for others to finish with them. The map is locked exclusively, and unlocked for a wait.
   *
   * @param noHoles {@code MAP_CLIP_NO_HOLES}: whether entries must cover all of the range
   * @return the first entry; null, with nothing marked, when {@code start} isn't mapped or there is
   *     a hole that mustn't be
   */
  @Nullable VmMapEntry clipRange(
      VmMap map, long start, long end, boolean noHoles, EntryReservation reservation) {
    while (true) {
      VmMapEntry first = map.lookupEntry(start);
      if (!map.isIn(first, start)) {
        return null;
      }
      VmMapEntry blocked = first;
      if (!first.has(EntryFlags.IN_TRANSITION)) {
        clipStart(map, first, start, reservation);
        VmMapEntry last = mark(map, first, end, noHoles, reservation);
        if (noHoles ? last.end == end : isLast(map, last, end)) {
          return first;
        }
        blocked = last.next;
        boolean hole = noHoles && (blocked == map.header || blocked.start != last.end);
        unclipRange(map, first, start, last.end, reservation);
        if (hole) {
          return null;
        }
      }
      waitForTransition(map, blocked);
    }
  }

  /** Marks entries up to the end of the range, a forbidden hole or one that is marked already. */
  private VmMapEntry mark(
      VmMap map, VmMapEntry first, long end, boolean noHoles, EntryReservation reservation) {
    VmMapEntry last = first;
    while (true) {
      clipEnd(map, last, end, reservation);
      last.eflags |= EntryFlags.IN_TRANSITION;
      VmMapEntry next = last.next;
      if (isLast(map, last, end)
          || (noHoles && next.start != last.end)
          || next.has(EntryFlags.IN_TRANSITION)) {
        return last;
      }
      last = next;
    }
  }

  private static boolean isLast(VmMap map, VmMapEntry entry, long end) {
    return entry.next == map.header || !VmArith.below(entry.next.start, end);
  }

  /** {@code vm_map_unclip_range}: ends the transition and merges what is alike. */
  void unclipRange(
      VmMap map, VmMapEntry first, long start, long end, EntryReservation reservation) {
    if (first.start != start) {
      throw KernelPanic.at("unclip_range: illegal base entry", map, start, first.toString());
    }
    for (VmMapEntry e = first; e != map.header && VmArith.below(e.start, end); e = e.next) {
      if (!e.has(EntryFlags.IN_TRANSITION) || VmArith.below(end, e.end)) {
        throw KernelPanic.at(
            "unclip_range: in-transition flag or end bad", map, e.start, e.toString());
      }
      boolean wanted = e.has(EntryFlags.NEEDS_WAKEUP);
      e.eflags &= ~(EntryFlags.IN_TRANSITION | EntryFlags.NEEDS_WAKEUP);
      if (wanted) {
        sleepQueue.wakeup(map);
      }
    }
    for (VmMapEntry e = first; e != map.header && VmArith.below(e.start, end); e = e.next) {
      merging.simplify(map, e, reservation);
    }
  }

  /** Sleeps until somebody ends a transition; the map is unlocked meanwhile. */
  void waitForTransition(VmMap map, VmMapEntry entry) {
    entry.eflags |= EntryFlags.NEEDS_WAKEUP;
    merging.count(VmCounter.INTRANS_COLL);
    merging.count(VmCounter.INTRANS_WAIT);
    sleepQueue.interlock(map);
    map.unlock();
    sleepQueue.sleepInterlocked(map, "vment");
    map.lock();
  }

  /** What is done to the entries of a range; it may unlock the map meanwhile. */
  @FunctionalInterface
  interface RangeAction {
    /** Works on the entries from {@code first} on that begin before {@code end}. */
    KernReturn apply(VmMap map, VmMapEntry first, long end);
  }

  /**
   * Locks the map and has {@code action} work on the entries of [start, end), which are clipped to
   * it and in transition meanwhile.
   *
   * @return INVALID_ADDRESS for an empty range or a hole; else what the action returns
   */
  KernReturn inRange(
      VmMap map, long start, long end, EntryReservation reservation, RangeAction action) {
    map.lock();
    try {
      long from = map.clampStart(start, end);
      long to = map.clampEnd(end);
      VmMapEntry first =
          VmArith.below(from, to) ? clipRange(map, from, to, true, reservation) : null;
      if (first == null) {
        return KernReturn.INVALID_ADDRESS;
      }
      try {
        return action.apply(map, first, to);
      } finally {
        // Clipping by others may have left another entry at the start; it begins there too.
        unclipRange(map, map.lookupEntry(from), from, to, reservation);
        map.bumpTimestamp();
      }
    } finally {
      map.unlock();
    }
  }
}
