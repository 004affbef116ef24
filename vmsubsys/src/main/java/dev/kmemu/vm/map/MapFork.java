package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import org.jspecify.annotations.Nullable;

/** Copies a map for {@code vmspace_fork}, entry by entry as their inheritance says. */
final class MapFork {

  private final VmObjects objects;
  private final EntryReserve reserve;
  private final EntryClipping clipping;
  private final EntryCopying copying;

  MapFork(VmObjects objects, EntryReserve reserve, EntryClipping clipping, EntryCopying copying) {
    this.objects = objects;
    this.reserve = reserve;
    this.clipping = clipping;
    this.copying = copying;
  }

  /** Fills {@code child}, which is empty; neither map is locked. */
  void copy(VmMap parent, VmMap child) {
    parent.lock();
    try {
      waitForTransitions(parent);
      parent.inFork = true;
      child.lock();
      try (EntryReservation reservation =
          reserve.reserve(parent.nentries() + EntryReserve.RESERVE_COUNT)) {
        for (VmMapEntry e = parent.first(); e != parent.header; e = e.next) {
          copyEntry(parent, child, e, reservation);
        }
      } finally {
        child.unlock();
        parent.inFork = false;
      }
    } finally {
      parent.unlock();
    }
  }

  /** The child would inherit the mark, and nobody would ever end that transition. */
  private void waitForTransitions(VmMap parent) {
    VmMapEntry e = parent.first();
    while (e != parent.header) {
      if (e.has(EntryFlags.IN_TRANSITION)) {
        clipping.waitForTransition(parent, e);
        e = parent.first();
      } else {
        e = e.next;
      }
    }
  }

  private void copyEntry(VmMap parent, VmMap child, VmMapEntry from, EntryReservation reservation) {
    if (from.maptype == MapType.SUBMAP) {
      throw new KernelPanic("vm_map_fork: encountered a submap", from.toString());
    }
    if (from.inheritance == Inheritance.NONE) {
      return;
    }
    if (from.inheritance == Inheritance.SHARE) {
      prepareSharing(parent, from);
    }
    VmMapEntry to = reservation.create();
    to.copyAttributes(from);
    to.eflags &= ~EntryFlags.USER_WIRED;
    to.wiredCount = 0;
    if (from.inheritance == Inheritance.SHARE) {
      share(from.object);
    } else {
      copyLater(parent, from, to);
    }
    child.link(child.header.prev, to);
    child.size += to.length();
  }

  /** Both maps must see each other's writes: a copy that was put off is made now. */
  private void prepareSharing(VmMap parent, VmMapEntry from) {
    from.makeObject(parent, objects);
    if (from.has(EntryFlags.NEEDS_COPY)) {
      from.makeShadow(parent, objects);
    }
  }

  /** {@code vm_map_copy_entry}: puts the copy off until somebody writes, unless it is wired. */
  private void copyLater(VmMap parent, VmMapEntry from, VmMapEntry to) {
    if (from.wiredCount != 0) {
      to.object = copying.copyWired(from);
      to.offset = 0;
      return;
    }
    if (!from.has(EntryFlags.NEEDS_COPY)) {
      parent.pmap().protect(from.start, from.end, from.protection & ~VmProt.WRITE);
    }
    if (from.object == null) {
      to.offset = 0;
      return;
    }
    share(from.object);
    from.eflags |= EntryFlags.COW | EntryFlags.NEEDS_COPY;
    to.eflags |= EntryFlags.COW | EntryFlags.NEEDS_COPY;
    // A fault that lost the lock must not enter the page writeable after this.
    parent.bumpTimestamp();
  }

  private void share(@Nullable VmObject object) {
    objects.reference(object);
    if (object != null) {
      objects.noteMapped(object);
    }
  }
}
