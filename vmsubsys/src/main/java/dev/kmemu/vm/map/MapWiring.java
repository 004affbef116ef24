package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/** {@code vm_map_wire} and {@code vm_map_set_wired_quick}. */
public final class MapWiring {

  /** {@code KM_PAGEABLE}: unwire instead. */
  public static final int KM_PAGEABLE = 0x0001;

  /** {@code KM_KRESERVE}: take map entries from the kernel's reserve. */
  public static final int KM_KRESERVE = 0x0002;

  /** {@code KM_STACK}: a kernel stack; its lowest page is a guard. */
  public static final int KM_STACK = 0x0004;

  private final VmObjects objects;
  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final EntryWiring wiring;

  MapWiring(VmObjects objects, EntryReserve reserve, EntryClipping clipping, EntryWiring wiring) {
    this.objects = objects;
    this.reserve = reserve;
    this.clipping = clipping;
    this.wiring = wiring;
  }

  /**
   * {@code vm_map_wire}: wires [start, end), faulting its pages in; or with {@link #KM_PAGEABLE}
   * unwires it. All or nothing.
   *
   * @return SUCCESS; INVALID_ADDRESS for an empty range or a hole; INVALID_ARGUMENT when an entry
   *     to unwire isn't wired; else what the fault returned
   */
  public KernReturn wire(VmMap map, long start, long end, int kmflags) {
    try (EntryReservation reservation =
        (kmflags & KM_KRESERVE) != 0 ? reserve.kreserve() : reserve.reserve()) {
      boolean unwires = (kmflags & KM_PAGEABLE) != 0;
      return clipping.inRange(
          map, start, end, reservation, unwires ? this::unwireEntries : this::wireEntries);
    }
  }

  private KernReturn wireEntries(VmMap map, VmMapEntry first, long end) {
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      if (e.wiredCount == 0 && e.maptype != MapType.SUBMAP) {
        e.prepareForWiring(map, objects);
      }
      e.wiredCount++;
    }
    long start = first.start;
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      if (e.wiredCount == 1) {
        long wiringStart = e.start;
        long wiringEnd = e.end;
        KernReturn result = wiring.wire(map, e, false);
        if (result != KernReturn.SUCCESS) {
          backOut(map, start, wiringStart, end);
          return result;
        }
        // The map was unlocked: somebody may have clipped the entry. Don't wire its parts again.
        while (VmArith.below(e.end, wiringEnd)) {
          e = e.next;
        }
      }
    }
    return KernReturn.SUCCESS;
  }

  /** Undoes {@link #wireEntries}: what is before {@code failedStart} has been wired. */
  private void backOut(VmMap map, long start, long failedStart, long end) {
    VmMapEntry first = map.lookupEntry(start);
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      e.wiredCount--;
      if (e.wiredCount == 0 && VmArith.below(e.start, failedStart)) {
        wiring.unwire(map, e);
      }
    }
  }

  private KernReturn unwireEntries(VmMap map, VmMapEntry first, long end) {
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      if (e.wiredCount == 0) {
        return KernReturn.INVALID_ARGUMENT;
      }
    }
    for (VmMapEntry e = first; isBefore(map, e, end); e = e.next) {
      e.wiredCount--;
      if (e.wiredCount == 0) {
        wiring.unwire(map, e);
      }
    }
    return KernReturn.SUCCESS;
  }

  /**
   * {@code vm_map_set_wired_quick}: marks [addr, addr + size) wired without faulting, for a caller
   * that enters the pages itself. The map is locked exclusively. All entries of the range are
   * marked, as fixed upstream in 2012.
   */
  public void setWiredQuick(VmMap map, long addr, long size, EntryReservation reservation) {
    @Nullable VmMapEntry first = clipping.clipRange(map, addr, addr + size, true, reservation);
    if (first != null) {
      for (VmMapEntry e = first; isBefore(map, e, addr + size); e = e.next) {
        e.wiredCount = 1;
      }
      clipping.unclipRange(map, first, addr, addr + size, reservation);
    }
  }

  private static boolean isBefore(VmMap map, VmMapEntry entry, long end) {
    return entry != map.header && VmArith.below(entry.start, end);
  }
}
