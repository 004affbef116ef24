package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.MapLookup;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_fault} ({@code sys/vm/vm_fault.c}) for memory without pagers and shadow chains: finds
 * or zero-fills the page and enters it. A fault allocates nothing on the Java heap.
 */
public final class VmFault {

  private final VmTokens tokens;
  private final VmStats stats;
  private final SleepQueue sleepQueue;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState pages;
  private final PageShortage shortage;
  private final ThreadLocal<MapLookup> lookups;

  /** Creates the fault code. */
  public VmFault(
      VmTokens tokens,
      VmStats stats,
      SleepQueue sleepQueue,
      VmObjects objects,
      PageAllocator allocator,
      PageState pages,
      PageShortage shortage) {
    this.tokens = tokens;
    this.stats = stats;
    this.sleepQueue = sleepQueue;
    this.objects = objects;
    this.allocator = allocator;
    this.pages = pages;
    this.shortage = shortage;
    this.lookups = ThreadLocal.withInitial(() -> new MapLookup(objects));
  }

  /**
   * Makes {@code va} accessible. May sleep for a busy page or for memory; no map lock is held
   * meanwhile.
   *
   * @param va truncated to its page by the caller
   * @param type the access, bits of {@link VmProt}
   * @param flags bits of {@link FaultFlags}
   * @return SUCCESS; INVALID_ADDRESS without an entry; PROTECTION_FAILURE when the entry forbids
   *     the access or the object ends before it
   * @throws KernelPanic for a NOFAULT entry, or an entry without an object in a system map
   */
  public KernReturn fault(VmMap map, long va, int type, int flags) {
    MapLookup lookup = lookups.get();
    KernReturn result;
    do {
      result = lookup.find(map, va, type);
      if (result == KernReturn.SUCCESS) {
        result = faultEntry(lookup, va, flags);
      }
    } while (result == KernReturn.TRY_AGAIN);
    lookup.clear();
    return result;
  }

  private KernReturn faultEntry(MapLookup lookup, long va, int flags) {
    VmObject object = lookup.object();
    if (object == null || (lookup.entry().eflags() & EntryFlags.NOFAULT) != 0) {
      lookup.map().unlock();
      throw unservable(lookup, va);
    }
    objects.reference(object);
    tokens.vm().get();
    try {
      stats.add(VmCounter.VM_FAULTS, 1);
      objects.pagingBegin(object);
      try {
        return faultObject(lookup, object, va, flags);
      } finally {
        objects.pagingEnd(object);
      }
    } finally {
      tokens.vm().release();
      objects.deallocate(object);
    }
  }

  private static KernelPanic unservable(MapLookup lookup, long va) {
    if ((lookup.entry().eflags() & EntryFlags.NOFAULT) != 0) {
      return KernelPanic.at(
          String.format("vm_fault: fault on nofault entry, addr: %x", va),
          lookup.map(),
          va,
          lookup.entry().toString());
    }
    return KernelPanic.at(
        String.format("vm_fault: unrecoverable fault at 0x%x in %s", va, lookup.entry()),
        lookup.map(),
        va,
        "a system map, and the entry has no object");
  }

  /** Unlocks the map, on every path. */
  private KernReturn faultObject(MapLookup lookup, VmObject object, long va, int flags) {
    VmMap map = lookup.map();
    VmPage page;
    try {
      if (object.isDead()) {
        return KernReturn.PROTECTION_FAILURE;
      }
      page = object.residentPage(lookup.pindex());
      if (page == null) {
        if (!VmArith.below(lookup.pindex(), object.size())) {
          return KernReturn.PROTECTION_FAILURE;
        }
        page = stats.isSevere() ? null : allocate(object, lookup.pindex());
        if (page != null) {
          zeroFill(page);
          enter(lookup, page, va, flags);
          return KernReturn.SUCCESS;
        }
      } else if (!page.isBusy()) {
        pages.unqueue(page);
        pages.busy(page);
        if (object != objects.kernelObject() && page.valid() != VmPage.BITS_ALL) {
          zeroFill(page);
        }
        enter(lookup, page, va, flags);
        return KernReturn.SUCCESS;
      }
    } finally {
      map.unlock();
    }
    waitFor(page);
    return KernReturn.TRY_AGAIN;
  }

  private @Nullable VmPage allocate(VmObject object, long pindex) {
    return allocator.alloc(object, pindex, AllocRequest.NORMAL | AllocRequest.ZERO);
  }

  private void waitFor(@Nullable VmPage busy) {
    if (busy == null) {
      shortage.waitForPages("pfault");
    } else {
      stats.add(VmCounter.INTRANS, 1);
      busy.setFlag(PageFlags.WANTED | PageFlags.REFERENCED);
      sleepQueue.sleep(busy, "vmpfw");
    }
  }

  private void zeroFill(VmPage page) {
    if (pages.ensureZero(page)) {
      stats.add(VmCounter.OZFOD, 1);
    }
    stats.add(VmCounter.ZFOD, 1);
    page.setValid(true);
  }

  private void enter(MapLookup lookup, VmPage page, long va, int flags) {
    boolean wired = lookup.wired();
    int protection = lookup.protection();
    if ((protection & VmProt.WRITE) != 0) {
      page.noteWriteable();
    }
    if ((flags & FaultFlags.DIRTY) != 0) {
      page.markDirty();
    }
    lookup.map().pmap().enter(va, page, protection, wired);
    page.clearFlag(PageFlags.ZERO);
    page.setFlag(PageFlags.REFERENCED);
    if ((flags & FaultFlags.WIRE_MASK) == 0) {
      pages.activate(page);
    } else if (wired) {
      pages.wire(page);
    } else {
      pages.unwire(page, true);
    }
    pages.wakeup(page);
  }
}
