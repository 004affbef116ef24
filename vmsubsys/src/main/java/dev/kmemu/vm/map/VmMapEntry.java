package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_map_entry}: [start, end) of a map and what is mapped there. Guarded by the map's
 * lock.
 */
public final class VmMapEntry {

  private static final MapType[] TYPES = MapType.values();
  private static final Inheritance[] INHERITANCES = Inheritance.values();

  // The list of the map, closed by its header.
  VmMapEntry prev = this;
  VmMapEntry next = this;

  // The tree of the map, see EntryTree.
  @Nullable VmMapEntry left;
  @Nullable VmMapEntry right;
  @Nullable VmMapEntry parent;
  int priority;
  long gap;
  long maxGap;

  long start;
  long end;

  /** {@code aux.avail_ssize}: how far a stack may still grow down. */
  long availableStack;

  @Nullable VmObject object;
  @Nullable VmMap submap;
  long offset;
  int eflags;
  MapType maptype = MapType.NORMAL;
  int protection = VmProt.ALL;
  int maxProtection = VmProt.ALL;
  Inheritance inheritance = Inheritance.COPY;
  int wiredCount;

  VmMapEntry() {}

  /** Returns the first address, unsigned. */
  public long start() {
    return start;
  }

  /** Returns the end, exclusive, unsigned. */
  public long end() {
    return end;
  }

  /** Returns the mapped object; null for none and for a submap. */
  public @Nullable VmObject object() {
    return object;
  }

  /** Returns the map that a SUBMAP entry stands for. */
  public @Nullable VmMap submap() {
    return submap;
  }

  /** Returns the offset in bytes into the object. */
  public long offset() {
    return offset;
  }

  /** Returns the bits of {@link EntryFlags}. */
  public int eflags() {
    return eflags;
  }

  /** Returns what kind of mapping this is. */
  public MapType maptype() {
    return maptype;
  }

  /** Returns the bits of {@link VmProt} that are allowed now. */
  public int protection() {
    return protection;
  }

  /** Returns the bits of {@link VmProt} that may ever be allowed. */
  public int maxProtection() {
    return maxProtection;
  }

  /** Returns what a forked address space gets of the range. */
  public Inheritance inheritance() {
    return inheritance;
  }

  /** {@code avail_ssize}: the bytes that a stack may still grow below its start. */
  public long availableStack() {
    return availableStack;
  }

  /** Returns how often the range is wired. */
  public int wiredCount() {
    return wiredCount;
  }

  /** Returns the entry after this one, or the map's header. */
  public VmMapEntry next() {
    return next;
  }

  /** Returns the entry before this one, or the map's header. */
  public VmMapEntry prev() {
    return prev;
  }

  /** Takes WRITE from the maximum of an entry without it: who wires for reading never gets it. */
  public void forbidWriting() {
    if ((protection & VmProt.WRITE) == 0) {
      maxProtection &= ~VmProt.WRITE;
    }
  }

  /** Whether {@code address} is in the guard page below a kernel stack. */
  public boolean isGuard(long address) {
    return has(EntryFlags.KSTACK) && (address & -VmArith.PAGE_SIZE) == start;
  }

  long length() {
    return end - start;
  }

  boolean has(int flag) {
    return (eflags & flag) != 0;
  }

  boolean contains(long address) {
    return !VmArith.below(address, start) && VmArith.below(address, end);
  }

  /** Whether the entry's object carries a reference for it. */
  boolean holdsObject() {
    return maptype == MapType.NORMAL || maptype == MapType.VPAGETABLE;
  }

  /**
   * {@code vm_map_entry_allocate_object}: backs a null entry, except in a system map. A NOFAULT
   * entry never gets pages of its own and stays null.
   */
  void makeObject(VmMap map, VmObjects objects) {
    if (object == null && !map.isSystemMap() && holdsObject() && !has(EntryFlags.NOFAULT)) {
      object = objects.allocate(ObjectType.DEFAULT, length() >>> VmArith.PAGE_SHIFT);
      offset = 0;
    }
  }

  /** {@code vm_map_entry_shadow}: gives a copy that was put off an object of its own. */
  void makeShadow(VmMap map, VmObjects objects) {
    VmObject source = object;
    if (source == null) {
      makeObject(map, objects);
    } else {
      VmObjects.Shadow shadow = objects.shadow(source, offset, length());
      object = shadow.object();
      offset = shadow.offset();
    }
    eflags &= ~EntryFlags.NEEDS_COPY;
  }

  /**
   * Backs an entry that is about to be wired, so that wiring needs no exclusive lock for it. A copy
   * that was put off is made even of what can't be written: once the entry is shared, others could
   * make it, and the wired pages wouldn't be those that they write to.
   */
  void prepareForWiring(VmMap map, VmObjects objects) {
    if (has(EntryFlags.NEEDS_COPY)) {
      makeShadow(map, objects);
    } else {
      makeObject(map, objects);
    }
  }

  /** Makes this the other half of {@code from}, which is being clipped; bounds are set after. */
  void copyAttributes(VmMapEntry from) {
    start = from.start;
    end = from.end;
    availableStack = from.availableStack;
    object = from.object;
    submap = from.submap;
    offset = from.offset;
    eflags = from.eflags;
    maptype = from.maptype;
    protection = from.protection;
    maxProtection = from.maxProtection;
    inheritance = from.inheritance;
    wiredCount = from.wiredCount;
  }

  @Override
  public String toString() {
    return String.format("entry 0x%x-0x%x", start, end);
  }

  /** Exchanges all but the links with a snapshot. */
  void exchange(StateExchange state, Numbering<VmObject> objects, Numbering<VmMap> maps) {
    start = state.exchange(start);
    end = state.exchange(end);
    availableStack = state.exchange(availableStack);
    object = state.exchange(object, objects);
    submap = state.exchange(submap, maps);
    offset = state.exchange(offset);
    eflags = state.exchange(eflags);
    maptype = state.exchange(maptype, TYPES);
    protection = state.exchange(protection);
    maxProtection = state.exchange(maxProtection);
    inheritance = state.exchange(inheritance, INHERITANCES);
    wiredCount = state.exchange(wiredCount);
    priority = state.exchange(priority);
  }
}
