package dev.kmemu.vm.fault;

import dev.kmemu.vm.map.MapLookup;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct faultstate}: what a fault holds. A thread uses one for all its faults, so that they
 * allocate nothing.
 */
final class FaultState {

  final MapLookup lookup;
  boolean inUse;
  private boolean counted;
  boolean stackGrown;

  /** The access, bits of {@code VmProt}. */
  int type;

  /** Bits of {@link FaultFlags}. */
  int flags;

  /** Whether the lookup's map is locked, and its version when it was first. */
  boolean mapLocked;

  int timestamp;

  /** Where the walk began, with a reference and paging in progress. */
  @Nullable VmObject firstObject;

  long firstPindex;

  /** The busy page of the first object that is to take the contents, once the walk is below. */
  @Nullable VmPage firstPage;

  /** Where the walk is; paging is in progress there, too. */
  @Nullable VmObject object;

  long pindex;

  /** The busy page of {@link #object}. */
  @Nullable VmPage page;

  /** What may be done with the page, bits of {@code VmProt}. */
  int protection;

  /** With TRY_AGAIN: the busy page to wait for first. */
  @Nullable VmPage busyPage;

  /** With TRY_AGAIN: whether to wait for free pages first. */
  boolean shortOfPages;

  FaultState(VmObjects objects) {
    this.lookup = new MapLookup(objects);
  }

  void begin(int faultType, int faultFlags) {
    inUse = true;
    counted = false;
    stackGrown = false;
    type = faultType;
    flags = faultFlags;
  }

  /** Notes what the lookup, whose map is locked, found. */
  void start(VmObject first) {
    VmMap map = lookup.map();
    mapLocked = true;
    timestamp = map.timestamp();
    firstObject = first;
    firstPindex = lookup.pindex();
    object = first;
    pindex = firstPindex;
    protection = lookup.protection();
    busyPage = null;
    shortOfPages = false;
  }

  /** Returns the access that is served: all the entry allows when it is wired. */
  int servedType() {
    return lookup.faultType();
  }

  boolean isWireFault() {
    return (flags & FaultFlags.WIRE_MASK) != 0;
  }

  /** Returns true once for each fault, however often it starts over. */
  boolean countsNow() {
    boolean first = !counted;
    counted = true;
    return first;
  }

  void unlockMap() {
    if (mapLocked) {
      mapLocked = false;
      lookup.map().unlock();
    }
  }

  /**
   * Locks the map again, if that is possible without waiting: others may hold it who wait for the
   * busy pages.
   *
   * @return whether the map is locked and is what it was
   */
  boolean relockMap() {
    if (!mapLocked) {
      mapLocked = lookup.map().tryLockRead();
      return mapLocked && lookup.map().timestamp() == timestamp;
    }
    return true;
  }

  VmObject requireFirstObject() {
    return require(firstObject);
  }

  VmObject requireObject() {
    return require(object);
  }

  VmPage requirePage() {
    return require(page);
  }

  VmPage requireFirstPage() {
    return require(firstPage);
  }

  void end() {
    lookup.clear();
    firstObject = null;
    object = null;
    firstPage = null;
    page = null;
    busyPage = null;
    inUse = false;
  }

  private static <T> T require(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the fault has not come that far");
    }
    return value;
  }
}
