package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObjects;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_map_unwire}, which serves {@code mlock} and {@code munlock}: a user wires an entry once
 * or not at all, beside whatever the kernel wires.
 */
public final class UserWiring {

  private final VmObjects objects;
  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final EntryWiring wiring;

  UserWiring(VmObjects objects, EntryReserve reserve, EntryClipping clipping, EntryWiring wiring) {
    this.objects = objects;
    this.reserve = reserve;
    this.clipping = clipping;
    this.wiring = wiring;
  }

  private record Range(long start, long end) {}

  /**
   * {@code vm_map_unwire}: wires [start, end) for its user, or unwires it. All or nothing.
   *
   * @param newPageable false wires, true unwires
   * @return SUCCESS; INVALID_ADDRESS for an empty range or a hole; INVALID_ARGUMENT when an entry
   *     to unwire isn't wired by its user; else what the fault returned
   */
  public KernReturn unwire(VmMap map, long start, long end, boolean newPageable) {
    try (EntryReservation reservation = reserve.reserve()) {
      return clipping.inRange(
          map, start, end, reservation, newPageable ? this::unwireEntries : this::wireEntries);
    }
  }

  private KernReturn wireEntries(VmMap map, VmMapEntry first, long end) {
    @Nullable List<Range> added = null;
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      // Also skips the parts of an entry that others clipped while it was being wired.
      if (e.has(EntryFlags.USER_WIRED)) {
        continue;
      }
      if (added == null) {
        added = new ArrayList<>();
      }
      Range range = new Range(e.start, e.end);
      KernReturn result = wireEntry(map, e);
      if (result != KernReturn.SUCCESS) {
        forget(map, range);
        for (Range undone : added) {
          release(map, undone);
        }
        return result;
      }
      added.add(range);
    }
    return KernReturn.SUCCESS;
  }

  private KernReturn wireEntry(VmMap map, VmMapEntry e) {
    e.eflags |= EntryFlags.USER_WIRED;
    if (e.wiredCount++ != 0) {
      return KernReturn.SUCCESS;
    }
    if (e.maptype != MapType.SUBMAP) {
      e.prepareForWiring(map, objects);
    }
    return wiring.wire(map, e, true);
  }

  /** Takes the marks back from what couldn't be wired. */
  private static void forget(VmMap map, Range range) {
    VmMapEntry first = map.lookupEntry(range.start);
    for (VmMapEntry e = first; isBefore(map, e, range.end); e = e.next) {
      e.eflags &= ~EntryFlags.USER_WIRED;
      e.wiredCount = 0;
    }
  }

  private void release(VmMap map, Range range) {
    VmMapEntry first = map.lookupEntry(range.start);
    for (VmMapEntry e = first; isBefore(map, e, range.end); e = e.next) {
      release(map, e);
    }
  }

  private void release(VmMap map, VmMapEntry e) {
    e.eflags &= ~EntryFlags.USER_WIRED;
    e.wiredCount--;
    if (e.wiredCount == 0) {
      wiring.unwire(map, e);
    }
  }

  private KernReturn unwireEntries(VmMap map, VmMapEntry first, long end) {
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      if (!e.has(EntryFlags.USER_WIRED)) {
        return KernReturn.INVALID_ARGUMENT;
      }
    }
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      release(map, e);
    }
    return KernReturn.SUCCESS;
  }

  private static boolean isBefore(VmMap map, VmMapEntry entry, long end) {
    return entry != map.header && VmArith.below(entry.start, end);
  }
}
