package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;

/** {@code vm_map_protect}, {@code vm_map_inherit} and {@code vm_map_submap}. */
public final class MapProtection {

  private static final Inheritance[] INHERITANCES = Inheritance.values();

  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final EntryMerging merging;

  MapProtection(EntryReserve reserve, EntryClipping clipping, EntryMerging merging) {
    this.reserve = reserve;
    this.clipping = clipping;
    this.merging = merging;
  }

  /**
   * {@code vm_map_protect}: of whatever is mapped in [start, end).
   *
   * @param setMaximum whether {@code prot} becomes the maximum, and current protection is cut to it
   * @return SUCCESS; INVALID_ARGUMENT when a submap is in the range; PROTECTION_FAILURE when an
   *     entry's maximum doesn't allow it. Nothing changes then but the clip at the start.
   */
  public KernReturn protect(VmMap map, long start, long end, int prot, boolean setMaximum) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long to = map.clampEnd(end);
        VmMapEntry first = clipFirst(map, map.clampStart(start, end), reservation);
        for (VmMapEntry e = first; isBefore(map, e, to); e = e.next) {
          if (e.maptype == MapType.SUBMAP) {
            return KernReturn.INVALID_ARGUMENT;
          }
          if ((prot & ~e.maxProtection) != 0) {
            return KernReturn.PROTECTION_FAILURE;
          }
        }
        for (VmMapEntry e = first; isBefore(map, e, to); e = e.next) {
          clipping.clipEnd(map, e, to, reservation);
          protectEntry(map, e, prot, setMaximum);
          merging.simplify(map, e, reservation);
        }
        return KernReturn.SUCCESS;
      } finally {
        map.unlock();
      }
    }
  }

  private static void protectEntry(VmMap map, VmMapEntry e, int prot, boolean setMaximum) {
    int old = e.protection;
    if (setMaximum) {
      e.maxProtection = prot;
      e.protection = prot & old;
    } else {
      e.protection = prot;
    }
    if (e.protection != old) {
      int allowed = e.has(EntryFlags.COW) ? e.protection & ~VmProt.WRITE : e.protection;
      map.pmap().protect(e.start, e.end, allowed);
    }
  }

  /**
   * {@code vm_map_inherit} with an unchecked value.
   *
   * @param value 0 for SHARE, 1 for COPY, 2 for NONE
   * @return SUCCESS, or INVALID_ARGUMENT for any other value
   */
  public KernReturn inherit(VmMap map, long start, long end, int value) {
    if (value < 0 || value >= INHERITANCES.length) {
      return KernReturn.INVALID_ARGUMENT;
    }
    inherit(map, start, end, INHERITANCES[value]);
    return KernReturn.SUCCESS;
  }

  /** {@code vm_map_inherit}: of whatever is mapped in [start, end). */
  public void inherit(VmMap map, long start, long end, Inheritance inheritance) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long to = map.clampEnd(end);
        VmMapEntry first = clipFirst(map, map.clampStart(start, end), reservation);
        for (VmMapEntry e = first; isBefore(map, e, to); e = e.next) {
          clipping.clipEnd(map, e, to, reservation);
          e.inheritance = inheritance;
          merging.simplify(map, e, reservation);
        }
      } finally {
        map.unlock();
      }
    }
  }

  /**
   * {@code vm_map_submap}: makes the entry that covers exactly [start, end) stand for {@code sub}.
   *
   * @return SUCCESS, or INVALID_ARGUMENT when there is no such entry without an object
   */
  public KernReturn submap(VmMap map, long start, long end, VmMap sub) {
    try (EntryReservation reservation = reserve.reserve()) {
      map.lock();
      try {
        long from = map.clampStart(start, end);
        long to = map.clampEnd(end);
        VmMapEntry entry = clipFirst(map, from, reservation);
        if (!isBefore(map, entry, to)) {
          return KernReturn.INVALID_ARGUMENT;
        }
        clipping.clipEnd(map, entry, to, reservation);
        if (entry.start != from
            || entry.end != to
            || entry.maptype == MapType.SUBMAP
            || entry.has(EntryFlags.COW)
            || entry.object != null) {
          return KernReturn.INVALID_ARGUMENT;
        }
        entry.submap = sub;
        entry.maptype = MapType.SUBMAP;
        return KernReturn.SUCCESS;
      } finally {
        map.unlock();
      }
    }
  }

  private VmMapEntry clipFirst(VmMap map, long start, EntryReservation reservation) {
    VmMapEntry entry = map.lookupEntry(start);
    if (map.isIn(entry, start)) {
      clipping.clipStart(map, entry, start, reservation);
      return entry;
    }
    return entry.next;
  }

  private static boolean isBefore(VmMap map, VmMapEntry entry, long end) {
    return entry != map.header && VmArith.below(entry.start, end);
  }
}
