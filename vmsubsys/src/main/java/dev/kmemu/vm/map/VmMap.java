package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.LockmgrLock;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.ThreadScheduler;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.pmap.Pmap;
import org.jspecify.annotations.Nullable;

/**
 * A {@code vm_map}: an address range and its entries. The lock must be held, exclusively for
 * changes; the routines of {@link VmMaps} take it themselves where upstream's do.
 *
 * <p>The map object is the wait channel of those who wait for space or for an entry in transition.
 */
public final class VmMap {

  private final String name;
  private final Pmap pmap;
  private final LockmgrLock lock;

  /** The sentinel; its start and end are the map's bounds. */
  final VmMapEntry header = new VmMapEntry();

  final EntryTree tree = new EntryTree(header);
  int nentries;
  long size;

  /** The last entry found, or the header. Readers race for it, which does no harm. */
  VmMapEntry hint = header;

  /** {@code infork}: the map is being copied for a fork. */
  boolean inFork;

  /** The address space that this is the map of; null for the kernel's maps. */
  @Nullable VmSpace space;

  private boolean systemMap;
  private int timestamp;

  VmMap(String name, long min, long max, Pmap pmap, @Nullable ThreadScheduler scheduler) {
    this.name = name;
    this.pmap = pmap;
    this.lock = new LockmgrLock("thrd_sleep", name, scheduler);
    header.start = min;
    header.end = max;
  }

  /** Returns the name that reports use. */
  public String name() {
    return name;
  }

  /** {@code vm_map_min}. */
  public long min() {
    return header.start;
  }

  /** {@code vm_map_max}, exclusive. */
  public long max() {
    return header.end;
  }

  /** Returns the physical map. */
  public Pmap pmap() {
    return pmap;
  }

  /** Returns the number of entries. */
  public int nentries() {
    return nentries;
  }

  /** Returns the bytes that entries cover. */
  public long size() {
    return size;
  }

  /** Returns the first entry, or {@link #header()} in an empty map. */
  public VmMapEntry first() {
    return header.next;
  }

  /** Returns the sentinel that ends the list of entries. */
  public VmMapEntry header() {
    return header;
  }

  /** Returns the last entry found, or the header. */
  public VmMapEntry hint() {
    return hint;
  }

  /** Whether backing objects are never made on demand. */
  public boolean isSystemMap() {
    return systemMap;
  }

  /** Makes this a system map, whose null objects stay null. */
  public void setSystemMap() {
    systemMap = true;
  }

  /** {@code infork}: whether the map is being copied for a fork. */
  public boolean isInFork() {
    return inFork;
  }

  /** Returns the version of the map, which every exclusive lock changes. */
  public int timestamp() {
    return timestamp;
  }

  void bumpTimestamp() {
    timestamp++;
  }

  /** {@code vm_map_lock}. */
  public void lock() {
    lock.lockExclusive();
    timestamp++;
  }

  /** {@code vm_map_unlock}, after an exclusive or a shared lock. */
  public void unlock() {
    lock.unlock();
  }

  /** {@code vm_map_lock_read}. */
  public void lockRead() {
    lock.lockShared();
  }

  /** {@link #lockRead} for a thread that mustn't wait, as others may wait for what it holds. */
  public boolean tryLockRead() {
    return lock.tryLockShared();
  }

  /** {@code vm_map_lock_upgrade}: false when the shared lock was lost instead. */
  public boolean upgrade() {
    boolean upgraded = lock.upgrade();
    if (upgraded) {
      timestamp++;
    }
    return upgraded;
  }

  /** {@code vm_map_lock_downgrade}. */
  public void downgrade() {
    lock.downgrade();
  }

  /** {@code VM_MAP_RANGE_CHECK}: the start of [start, end) cut to the map; not above its end. */
  long clampStart(long start, long end) {
    return VmArith.min(VmArith.max(start, min()), clampEnd(end));
  }

  /** {@code VM_MAP_RANGE_CHECK}: the end of a range cut to the map. */
  long clampEnd(long end) {
    return VmArith.min(end, max());
  }

  /** Returns who has the map's lock and who wants it. Any thread may ask. */
  public LockmgrLock.Holders lockHolders() {
    return lock.holders();
  }

  void assertLocked(String function) {
    if (!lock.isLocked()) {
      throw KernelPanic.assertion("map locked", function);
    }
  }

  /**
   * {@code vm_map_lookup_entry}.
   *
   * @return the entry that holds {@code address}, which becomes the hint; else the one before it,
   *     or the header. Ask {@link VmMapEntry#contains} which it is.
   */
  public VmMapEntry lookupEntry(long address) {
    assertLocked("vm_map_lookup_entry");
    VmMapEntry entry = floor(address);
    if (entry != header && VmArith.below(address, entry.end)) {
      hint = entry;
    }
    return entry;
  }

  /** Most lookups are for what was found last, or for what was just made behind it. */
  private VmMapEntry floor(long address) {
    VmMapEntry near = hint;
    if (near == header || !VmArith.below(address, near.start)) {
      VmMapEntry next = near.next;
      if (isBehind(next, address)) {
        return near;
      }
      if (isBehind(next.next, address)) {
        return next;
      }
    }
    return tree.floor(address);
  }

  /** Whether {@code address} is before {@code entry}; everything is before the sentinel. */
  private boolean isBehind(VmMapEntry entry, long address) {
    return entry == header || VmArith.below(address, entry.start);
  }

  /** Whether {@code entry} is no sentinel and holds {@code address}. */
  boolean isIn(VmMapEntry entry, long address) {
    return entry != header && entry.contains(address);
  }

  /** {@code vm_map_entry_link}: after {@code after}, which may be the header. */
  void link(VmMapEntry after, VmMapEntry entry) {
    if (startsAt(after, entry.start) || startsAt(after.next, entry.start)) {
      throw KernelPanic.at(
          "vm_map_entry_link: dup addr map " + name + " ent " + entry, this, entry.start, "");
    }
    entry.prev = after;
    entry.next = after.next;
    entry.next.prev = entry;
    after.next = entry;
    tree.insert(entry);
    tree.refresh(after);
    nentries++;
  }

  private boolean startsAt(VmMapEntry entry, long address) {
    return entry != header && entry.start == address;
  }

  /** {@code vm_map_entry_unlink}. */
  void unlink(VmMapEntry entry) {
    if (entry.has(EntryFlags.IN_TRANSITION)) {
      throw KernelPanic.at(
          "vm_map_entry_unlink: attempt to mess with locked entry! " + entry,
          this,
          entry.start,
          "");
    }
    VmMapEntry before = entry.prev;
    tree.remove(entry);
    before.next = entry.next;
    entry.next.prev = before;
    entry.prev = entry;
    entry.next = entry;
    tree.refresh(before);
    nentries--;
  }

  /** Moves an entry's bounds, which keep their order among the entries. */
  void setBounds(VmMapEntry entry, long start, long end) {
    entry.start = start;
    entry.end = end;
    tree.refresh(entry);
    tree.refresh(entry.prev);
  }

  /** Whether the tree holds the entries of the list, in order, with the right gaps. */
  public boolean treeMatchesList() {
    return tree.matches(header.next);
  }

  /** Numbers the entries in their order, for a snapshot. */
  public void numberEntries(Numbering<VmMapEntry> numbers) {
    for (VmMapEntry entry = header.next; entry != header; entry = entry.next) {
      numbers.add(entry);
    }
  }

  /** Exchanges all state with a snapshot; nobody holds or wants the lock. */
  public void exchange(
      StateExchange state,
      Numbering<VmMapEntry> entries,
      Numbering<VmObject> objects,
      Numbering<VmMap> maps,
      Numbering<VmSpace> spaces) {
    systemMap = state.exchange(systemMap);
    inFork = state.exchange(inFork);
    timestamp = state.exchange(timestamp);
    size = state.exchange(size);
    space = state.exchange(space, spaces);
    nentries = state.exchange(nentries);
    VmMapEntry before = header;
    for (int i = 0; i < nentries; i++) {
      VmMapEntry entry = state.exchange(before.next, entries);
      if (entry == null) {
        throw new IllegalStateException("an entry of " + name + " is missing");
      }
      entry.exchange(state, objects, maps);
      before.next = entry;
      entry.prev = before;
      before = entry;
    }
    before.next = header;
    header.prev = before;
    tree.exchange(state);
    VmMapEntry found = state.exchange(hint == header ? null : hint, entries);
    hint = found == null ? header : found;
  }

  @Override
  public String toString() {
    return name;
  }
}
