package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.object.VmObjects;

/** {@code vm_map_simplify_entry}: merges an entry with neighbours that it continues. */
final class EntryMerging {

  private final VmObjects objects;
  private final VmTokens tokens;
  private final VmStats stats;

  EntryMerging(VmObjects objects, VmTokens tokens, VmStats stats) {
    this.objects = objects;
    this.tokens = tokens;
    this.stats = stats;
  }

  /** Merges {@code entry}, which survives, with its neighbours as far as they are alike. */
  void simplify(VmMap map, VmMapEntry entry, EntryReservation reservation) {
    if (entry.has(EntryFlags.IN_TRANSITION)) {
      count(VmCounter.INTRANS_COLL);
      return;
    }
    if (entry.maptype == MapType.SUBMAP) {
      return;
    }
    VmMapEntry previous = entry.prev;
    if (previous != map.header && continues(previous, entry)) {
      absorb(map, entry, previous, reservation);
    }
    VmMapEntry next = entry.next;
    if (next != map.header && continues(entry, next)) {
      absorb(map, entry, next, reservation);
    }
  }

  /** Counts an event, from whatever locks the caller holds. */
  void count(VmCounter counter) {
    tokens.vm().get();
    stats.add(counter, 1);
    tokens.vm().release();
  }

  private static boolean continues(VmMapEntry a, VmMapEntry b) {
    return a.end == b.start
        && a.maptype == b.maptype
        && a.object == b.object
        && a.submap == b.submap
        && (a.object == null || a.offset + a.length() == b.offset)
        && a.eflags == b.eflags
        && !b.has(EntryFlags.KSTACK)
        && a.protection == b.protection
        && a.maxProtection == b.maxProtection
        && a.inheritance == b.inheritance
        && a.wiredCount == b.wiredCount;
  }

  private void absorb(
      VmMap map, VmMapEntry entry, VmMapEntry neighbour, EntryReservation reservation) {
    if (map.hint == neighbour) {
      map.hint = entry;
    }
    boolean before = neighbour == entry.prev;
    long start = before ? neighbour.start : entry.start;
    long end = before ? entry.end : neighbour.end;
    if (before) {
      entry.offset = neighbour.offset;
      entry.availableStack = neighbour.availableStack;
    }
    map.unlink(neighbour);
    map.setBounds(entry, start, end);
    if (neighbour.holdsObject()) {
      objects.deallocate(neighbour.object);
    }
    reservation.dispose(map, neighbour);
  }
}
