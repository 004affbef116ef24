package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.MapLookup;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * {@code vm_fault} ({@code sys/vm/vm_fault.c}): finds, reads, copies or zero-fills the page and
 * enters it. A fault allocates nothing on the Java heap.
 */
public final class VmFault {

  private final VmTokens tokens;
  private final VmStats stats;
  private final VmObjects objects;
  private final PageState pages;
  private final PageShortage shortage;
  private final PageResolution resolution;
  private final CopyOnWrite copyOnWrite;
  private final ThreadLocal<FaultState> states;
  private @Nullable VmMap kernelMap;
  private volatile @Nullable StackGrowth stackGrowth;

  /** Creates the fault code. */
  public VmFault(
      VmTokens tokens,
      VmStats stats,
      VmObjects objects,
      PageAllocator allocator,
      PageState pages,
      PageShortage shortage) {
    this.tokens = tokens;
    this.stats = stats;
    this.objects = objects;
    this.pages = pages;
    this.shortage = shortage;
    this.resolution = new PageResolution(stats, objects, allocator, pages);
    this.copyOnWrite = new CopyOnWrite(stats, objects, allocator, pages, resolution);
    this.states = ThreadLocal.withInitial(() -> new FaultState(objects));
  }

  /** Names {@code kernel_map}, once it is made. */
  public void setKernelMap(VmMap map) {
    kernelMap = map;
    resolution.setKernelMap(map);
  }

  /** Sets what grows stacks, for faults in maps other than {@code kernel_map}. */
  public void setStackGrowth(StackGrowth growth) {
    stackGrowth = growth;
  }

  /**
   * Makes {@code va} accessible. May sleep for a busy page, for memory or in a pager; no map lock
   * is held meanwhile.
   *
   * @param va truncated to its page by the caller
   * @param type the access, bits of {@link VmProt}
   * @param flags bits of {@link FaultFlags}
   * @return SUCCESS; INVALID_ADDRESS without an entry; PROTECTION_FAILURE when the entry forbids
   *     the access, the object ends before it or is dead, or its pager can't have the page; FAILURE
   *     when the page can't be read or a stack can't grow
   * @throws KernelPanic for a NOFAULT entry, or an entry without an object in a system map
   */
  public KernReturn fault(VmMap map, long va, int type, int flags) {
    FaultState fs = states.get();
    if (fs.inUse) {
      // A pager faults while it serves one.
      fs = new FaultState(objects);
    }
    fs.begin(type, flags);
    try {
      KernReturn result;
      do {
        result = lookUp(fs, map, va);
        if (result == KernReturn.SUCCESS) {
          result = faultEntry(fs, va);
        }
      } while (result == KernReturn.TRY_AGAIN);
      return result;
    } finally {
      fs.end();
    }
  }

  private KernReturn lookUp(FaultState fs, VmMap map, long va) {
    MapLookup lookup = fs.lookup;
    KernReturn result = lookup.find(map, va, fs.type);
    if (result == KernReturn.PROTECTION_FAILURE
        && (fs.flags & FaultFlags.WIRE_MASK) == FaultFlags.USER_WIRE) {
      // The copy must be made now: afterwards the mapping is wired and keeps its page.
      result = lookup.find(map, va, VmProt.READ | VmProt.WRITE | VmProt.OVERRIDE_WRITE);
      if (result == KernReturn.SUCCESS) {
        lookup.entry().forbidWriting();
      }
    } else if (result == KernReturn.INVALID_ADDRESS) {
      result = growStack(fs, map, va);
    }
    return result;
  }

  private KernReturn growStack(FaultState fs, VmMap map, long va) {
    StackGrowth growth = stackGrowth;
    if (growth == null || fs.stackGrown || map == kernelMap) {
      return KernReturn.INVALID_ADDRESS;
    }
    fs.stackGrown = true;
    return growth.grow(map, va) == KernReturn.SUCCESS ? KernReturn.TRY_AGAIN : KernReturn.FAILURE;
  }

  private KernReturn faultEntry(FaultState fs, long va) {
    VmObject object = fs.lookup.object();
    VmMapEntry entry = fs.lookup.entry();
    if (object == null || (entry.eflags() & EntryFlags.NOFAULT) != 0 || entry.isGuard(va)) {
      KernelPanic panic = unservable(fs.lookup, va);
      fs.lookup.map().unlock();
      throw panic;
    }
    fs.start(object);
    objects.reference(object);
    tokens.vm().get();
    try {
      if (fs.countsNow()) {
        stats.add(VmCounter.VM_FAULTS, 1);
      }
      KernReturn result = faultObject(fs, object, va);
      if (result == KernReturn.TRY_AGAIN) {
        await(fs);
      }
      return result;
    } finally {
      tokens.vm().release();
      objects.deallocate(object);
    }
  }

  private static KernelPanic unservable(MapLookup lookup, long va) {
    if (lookup.entry().isGuard(va)) {
      return KernelPanic.at(
          String.format("vm_fault: fault on stack guard, addr: 0x%x", va),
          lookup.map(),
          va,
          lookup.entry().toString());
    }
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

  /** Unlocks the map and ends paging, on every path. */
  private KernReturn faultObject(FaultState fs, VmObject first, long va) {
    objects.pagingBegin(first);
    try {
      KernReturn result = resolution.find(fs);
      if (result != KernReturn.SUCCESS) {
        return result;
      }
      if (!fs.relockMap()) {
        // The map is another now, or whoever has locked it may wait for this page.
        VmPage page = fs.requirePage();
        fs.page = null;
        pages.deactivate(page);
        pages.wakeup(page);
        return KernReturn.TRY_AGAIN;
      }
      copyOnWrite.apply(fs);
      enter(fs, va);
      return KernReturn.SUCCESS;
    } finally {
      fs.unlockMap();
      release(fs, first);
    }
  }

  /** {@code unlock_things}. */
  private void release(FaultState fs, VmObject first) {
    VmObject object = fs.requireObject();
    VmPage left = fs.page;
    if (left != null) {
      // An exception left it.
      fs.page = null;
      resolution.giveUp(left);
    }
    VmPage unused = fs.firstPage;
    if (unused != null) {
      fs.firstPage = null;
      resolution.discard(unused);
    }
    if (object != first) {
      objects.pagingEnd(object);
    }
    objects.pagingEnd(first);
  }

  private void await(FaultState fs) {
    if (fs.shortOfPages) {
      shortage.waitForPages("pfault");
    } else if (fs.busyPage != null) {
      stats.add(VmCounter.INTRANS, 1);
      pages.sleepWhileBusy(fs.busyPage, "vmpfw");
    }
  }

  private void enter(FaultState fs, long va) {
    VmPage page = fs.requirePage();
    boolean wired = fs.lookup.wired();
    if ((fs.protection & VmProt.WRITE) != 0) {
      page.noteWriteable();
      if ((fs.flags & FaultFlags.DIRTY) != 0) {
        pages.dirty(page);
        forgetSwap(fs.requireObject(), fs.pindex);
      }
    }
    if (page.valid() != VmPage.BITS_ALL) {
      pages.zeroFill(page);
      page.setValid(true);
    }
    fs.lookup.map().pmap().enter(va, page, fs.protection, wired);
    fs.unlockMap();
    page.clearFlag(PageFlags.ZERO);
    page.setFlag(PageFlags.REFERENCED);
    if (!fs.isWireFault()) {
      pages.activate(page);
    } else if (wired) {
      pages.wire(page);
    } else {
      pages.unwire(page, true);
    }
    fs.page = null;
    pages.wakeup(page);
  }

  /** {@code swap_pager_unswapped}. */
  private static void forgetSwap(VmObject object, long pindex) {
    Pager pager = object.pager();
    if (pager != null && object.type() == ObjectType.SWAP) {
      pager.freeSpace(object, pindex, 1);
    }
  }
}
