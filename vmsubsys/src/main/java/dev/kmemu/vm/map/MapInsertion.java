package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/** {@code vm_map_insert}. */
public final class MapInsertion {

  private final VmObjects objects;
  private final EntryMerging merging;

  MapInsertion(VmObjects objects, EntryMerging merging) {
    this.objects = objects;
    this.merging = merging;
  }

  /**
   * What to insert, apart from where.
   *
   * @param object carries a reference for the new entry when it isn't null
   * @param offset in bytes into the object
   * @param cow {@code MAP_} bits of {@link EntryFlags}
   */
  public record Mapping(
      @Nullable VmObject object,
      long offset,
      MapType maptype,
      int protection,
      int maxProtection,
      int cow) {}

  /**
   * Maps [start, end); the map is locked exclusively. Memory without an object grows the entry
   * before it where their attributes allow; where only its object may grow, the new entry shares
   * that. Nothing is entered into the physical map, whatever {@code MAP_PREFAULT} says.
   *
   * @return SUCCESS; INVALID_ADDRESS for an empty range or one outside the map; NO_SPACE when any
   *     of it is taken. On failure the caller still owns the object's reference.
   */
  public KernReturn insert(
      VmMap map, EntryReservation reservation, Mapping mapping, long start, long end) {
    if (VmArith.below(start, map.min())
        || VmArith.below(map.max(), end)
        || !VmArith.below(start, end)) {
      return KernReturn.INVALID_ADDRESS;
    }
    VmMapEntry previous = map.lookupEntry(start);
    if (map.isIn(previous, start)
        || (previous.next != map.header && VmArith.below(previous.next.start, end))) {
      return KernReturn.NO_SPACE;
    }
    if (mapping.maptype() == MapType.VPAGETABLE) {
      throw new IllegalArgumentException(
          "mappings governed by a software page table aren't supported: map "
              + map
              + " was asked for one");
    }
    VmObject object = mapping.object();
    if ((mapping.cow() & EntryFlags.MAP_NOFAULT) != 0 && object != null) {
      throw KernelPanic.at("vm_map_insert: paradoxical MAP_NOFAULT request", map, start, "");
    }
    int eflags = EntryFlags.fromCow(mapping.cow());
    long offset = mapping.offset();
    if (object != null) {
      objects.noteMapped(object);
    } else if (mayExtend(map, previous, mapping.maptype(), eflags, start, end)) {
      if (previous.inheritance == Inheritance.COPY
          && previous.protection == mapping.protection()
          && previous.maxProtection == mapping.maxProtection()) {
        map.size += end - previous.end;
        map.setBounds(previous, previous.start, end);
        merging.simplify(map, previous, reservation);
        return KernReturn.SUCCESS;
      }
      object = previous.object;
      offset = previous.offset + previous.length();
      objects.reference(object);
    }
    link(map, reservation.create(), previous, mapping, object, offset, eflags, start, end);
    return KernReturn.SUCCESS;
  }

  private boolean mayExtend(
      VmMap map, VmMapEntry previous, MapType maptype, int eflags, long start, long end) {
    return previous != map.header
        && previous.eflags == eflags
        && previous.end == start
        && previous.wiredCount == 0
        && previous.maptype == maptype
        && objects.coalesce(previous.object, previous.offset, previous.length(), end - start);
  }

  private static void link(
      VmMap map,
      VmMapEntry entry,
      VmMapEntry previous,
      Mapping mapping,
      @Nullable VmObject object,
      long offset,
      int eflags,
      long start,
      long end) {
    entry.start = start;
    entry.end = end;
    entry.availableStack = 0;
    entry.object = object;
    entry.submap = null;
    entry.offset = offset;
    entry.eflags = eflags;
    entry.maptype = mapping.maptype();
    entry.protection = mapping.protection();
    entry.maxProtection = mapping.maxProtection();
    entry.inheritance = Inheritance.COPY;
    entry.wiredCount = 0;
    map.link(previous, entry);
    map.size += end - start;
  }
}
