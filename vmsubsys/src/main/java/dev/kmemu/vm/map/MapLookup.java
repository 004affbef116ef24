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
  private boolean wired;

  /** Creates an empty lookup. */
  public MapLookup(VmObjects objects) {
    this.objects = objects;
  }

  /**
   * Looks {@code va} up in {@code start} or the submaps below it.
   *
   * @param faultType the access, bits of {@link VmProt}
   * @return SUCCESS with {@link #map()} locked shared; INVALID_ADDRESS or PROTECTION_FAILURE with
   *     nothing locked
   */
  public KernReturn find(VmMap start, long va, int faultType) {
    VmMap at = start;
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
        at.lockRead();
        continue;
      }
      int allowed = (faultType & VmProt.OVERRIDE_WRITE) != 0 ? e.maxProtection : e.protection;
      int wanted = faultType & VmProt.ALL;
      if ((wanted & ~allowed) != 0) {
        return fail(at, KernReturn.PROTECTION_FAILURE);
      }
      if (e.object == null && !at.isSystemMap()) {
        if (at.upgrade()) {
          e.makeObject(at, objects);
          at.downgrade();
        } else {
          at.lockRead();
          continue;
        }
      }
      map = at;
      entry = e;
      object = e.object;
      wired = e.wiredCount != 0;
      protection = wired ? e.protection : allowed;
      pindex = VmArith.offToIdx(va - e.start + e.offset);
      return KernReturn.SUCCESS;
    }
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
