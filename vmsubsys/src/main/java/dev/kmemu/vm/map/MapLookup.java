package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_map_lookup}: what is mapped at an address. One object serves many lookups of one
 * thread, so that a fault allocates nothing; {@link #clear} drops what it refers to.
 */
public final class MapLookup {

  private final VmObjects objects;
  private @Nullable VmMap map;
  private @Nullable VmMapEntry entry;
  private @Nullable VmObject object;
  private long pindex;
  private int protection;
  private int type;
  private boolean wired;

  /** Creates an empty lookup. */
  public MapLookup(VmObjects objects) {
    this.objects = objects;
  }

  /**
   * Looks {@code va} up in {@code start} or the submaps below it. A write to an entry whose copy
   * was put off makes that copy's object, and an entry without an object gets one unless its map is
   * a system map; both take the map exclusively meanwhile.
   *
   * @param faultType the access, bits of {@link VmProt}
   * @return SUCCESS with {@link #map()} locked shared; INVALID_ADDRESS or PROTECTION_FAILURE with
   *     nothing locked
   */
  public KernReturn find(VmMap start, long va, int faultType) {
    VmMap at = start;
    boolean exclusive = false;
    at.lockRead();
    while (true) {
      VmMapEntry e = at.hint;
      if (!at.isIn(e, va)) {
        e = at.lookupEntry(va);
        if (!at.isIn(e, va)) {
          return fail(at, KernReturn.INVALID_ADDRESS);
        }
      }
      VmMap sub = e.submap;
      if (sub != null) {
        at.unlock();
        at = sub;
        exclusive = false;
        at.lockRead();
        continue;
      }
      if (isForbidden(e, faultType)) {
        return fail(at, KernReturn.PROTECTION_FAILURE);
      }
      wired = e.wiredCount != 0;
      type = wired ? e.protection : faultType & VmProt.ALL;
      protection = wired ? e.protection : allowed(e, faultType);
      boolean shadows = e.has(EntryFlags.NEEDS_COPY) && (type & VmProt.WRITE) != 0;
      if (shadows || (e.object == null && !at.isSystemMap())) {
        if (!exclusive) {
          exclusive = true;
          if (!at.upgrade()) {
            at.lock();
            continue;
          }
        }
        if (shadows) {
          e.makeShadow(at, objects);
        }
        e.makeObject(at, objects);
      }
      if (e.has(EntryFlags.NEEDS_COPY)) {
        protection &= ~VmProt.WRITE;
      }
      if (exclusive) {
        at.downgrade();
      }
      map = at;
      entry = e;
      object = e.object;
      pindex = VmArith.offToIdx(va - e.start + e.offset);
      return KernReturn.SUCCESS;
    }
  }

  private static int allowed(VmMapEntry e, int faultType) {
    return (faultType & VmProt.OVERRIDE_WRITE) != 0 ? e.maxProtection : e.protection;
  }

  /** A user's wired pages mustn't be replaced by copies, unless a debugger forces it. */
  private static boolean isForbidden(VmMapEntry e, int faultType) {
    int wanted = faultType & VmProt.ALL;
    return (wanted & ~allowed(e, faultType)) != 0
        || ((wanted & VmProt.WRITE) != 0
            && (faultType & VmProt.OVERRIDE_WRITE) == 0
            && e.has(EntryFlags.USER_WIRED)
            && e.has(EntryFlags.COW));
  }

  private static KernReturn fail(VmMap locked, KernReturn reason) {
    locked.unlock();
    return reason;
  }

  /** Returns the map that holds the entry: the one asked, or a submap. */
  public VmMap map() {
    return require(map);
  }

  /** Returns the entry found. */
  public VmMapEntry entry() {
    return require(entry);
  }

  /** Returns the entry's object; null only in a system map. */
  public @Nullable VmObject object() {
    return object;
  }

  /** Returns the page's index in the object. */
  public long pindex() {
    return pindex;
  }

  /** Returns what may be done with the page, bits of {@link VmProt}. */
  public int protection() {
    return protection;
  }

  /** Returns the access to serve: what was asked, or all that a wired entry allows. */
  public int faultType() {
    return type;
  }

  /** Whether the entry is wired. */
  public boolean wired() {
    return wired;
  }

  /** Forgets the last result. */
  public void clear() {
    map = null;
    entry = null;
    object = null;
  }

  private static <T> T require(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("no lookup has succeeded");
    }
    return value;
  }
}
