package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/** {@code vm_map_delete} and {@code vm_map_remove}. */
public final class MapRemoval {

  private final VmObjects objects;
  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final EntryWiring wiring;

  MapRemoval(VmObjects objects, EntryReserve reserve, EntryClipping clipping, EntryWiring wiring) {
    this.objects = objects;
    this.reserve = reserve;
    this.clipping = clipping;
    this.wiring = wiring;
  }

  /** {@code vm_map_remove}: {@link #delete} of the part of [start, end) that is in the map. */
  public void remove(VmMap map, long start, long end) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        delete(map, map.clampStart(start, end), map.clampEnd(end), reservation);
      } finally {
        map.unlock();
      }
    }
  }

  /**
   * {@code vm_map_delete}: removes what is mapped in [start, end), wired or not; holes don't
   * matter. The map is locked exclusively, but unlocked to wait for entries in transition. An empty
   * range inside an entry splits the entry.
   *
   * @throws KernelPanic when the range holds a submap, which upstream would take for an object
   */
  public void delete(VmMap map, long start, long end, EntryReservation reservation) {
    long from = start;
    while (true) {
      VmMapEntry entry = map.lookupEntry(from);
      if (map.isIn(entry, from) && entry.has(EntryFlags.IN_TRANSITION)) {
        // Not clipped yet: merged again by then, it would take another of our entries each time.
        clipping.waitForTransition(map, entry);
        continue;
      }
      if (map.isIn(entry, from)) {
        clipping.clipStart(map, entry, from, reservation);
        map.hint = entry.prev;
      } else {
        map.hint = entry;
        entry = entry.next;
      }
      VmMapEntry blocked = deleteFrom(map, entry, end, reservation);
      if (blocked == null) {
        return;
      }
      from = blocked.start;
      clipping.waitForTransition(map, blocked);
    }
  }

  /** Deletes until the end of the range, or up to an entry in transition, which it returns. */
  private @Nullable VmMapEntry deleteFrom(
      VmMap map, VmMapEntry first, long end, EntryReservation reservation) {
    VmMapEntry entry = first;
    while (entry != map.header && VmArith.below(entry.start, end)) {
      if (entry.has(EntryFlags.IN_TRANSITION)) {
        return entry;
      }
      if (entry.maptype == MapType.SUBMAP) {
        throw KernelPanic.at("vm_map_delete: submap in range", map, entry.start, entry.toString());
      }
      clipping.clipEnd(map, entry, end, reservation);
      VmMapEntry next = entry.next;
      if (entry.wiredCount != 0) {
        entry.eflags &= ~EntryFlags.USER_WIRED;
        entry.wiredCount = 0;
        wiring.unwire(map, entry);
      }
      removePages(map, entry);
      map.unlink(entry);
      map.size -= entry.length();
      if (entry.holdsObject()) {
        objects.deallocate(entry.object);
      }
      reservation.dispose(map, entry);
      entry = next;
    }
    return null;
  }

  private void removePages(VmMap map, VmMapEntry entry) {
    VmObject object = entry.object;
    long first = VmArith.offToIdx(entry.offset);
    long last = first + (entry.length() >>> VmArith.PAGE_SHIFT);
    if (object == objects.kernelObject()) {
      objects.pageRemove(object, first, last, false);
      return;
    }
    map.pmap().remove(entry.start, entry.end);
    if (object != null) {
      objects.removeUnmapped(object, first, last);
    }
  }
}
