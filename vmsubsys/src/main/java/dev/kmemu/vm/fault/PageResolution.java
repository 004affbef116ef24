package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * The walk of {@code vm_fault_object}: finds the page along the chain of objects, reads it, or
 * makes one. Callers hold {@code vm_token}.
 */
final class PageResolution {

  private final VmStats stats;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState pages;
  private @Nullable VmMap kernelMap;

  PageResolution(VmStats stats, VmObjects objects, PageAllocator allocator, PageState pages) {
    this.stats = stats;
    this.objects = objects;
    this.allocator = allocator;
    this.pages = pages;
  }

  /** The map whose faults go on with what is behind a page that can't be read. */
  void setKernelMap(VmMap map) {
    kernelMap = map;
  }

  /**
   * Walks from the first object on.
   *
   * @return SUCCESS with a busy page, and with the first object's busy page when it is from behind
   *     that; else the fault's result, or TRY_AGAIN and what to wait for. The map may be unlocked
   *     now.
   */
  KernReturn find(FaultState fs) {
    while (true) {
      VmObject object = fs.requireObject();
      if (object.isDead()) {
        return KernReturn.PROTECTION_FAILURE;
      }
      KernReturn result = lookHere(fs, object);
      if (result == null && mayAskPager(fs, object)) {
        result = pageIn(fs, object);
      }
      if (result != null) {
        return result;
      }
      if (!stepBehind(fs, object)) {
        fillWithZeroes(fs);
        return KernReturn.SUCCESS;
      }
    }
  }

  /** Returns null to go on: to the pager, which needs a page, or behind the object. */
  private @Nullable KernReturn lookHere(FaultState fs, VmObject object) {
    VmPage page = object.residentPage(fs.pindex);
    if (page != null) {
      return takeResident(fs, object, page);
    }
    if (object != fs.firstObject && !mayAskPager(fs, object)) {
      return null;
    }
    if (!VmArith.below(fs.pindex, object.size())) {
      return KernReturn.PROTECTION_FAILURE;
    }
    if (!stats.isSevere()) {
      boolean zeroed = object.backingObject() == null && object.type() != ObjectType.VNODE;
      int request = AllocRequest.NORMAL | (zeroed ? AllocRequest.ZERO : 0);
      fs.page = allocator.alloc(object, fs.pindex, request);
    }
    return fs.page == null ? waitForPages(fs) : null;
  }

  private @Nullable KernReturn takeResident(FaultState fs, VmObject object, VmPage page) {
    if (page.isBusy()) {
      fs.busyPage = page;
      return KernReturn.TRY_AGAIN;
    }
    boolean cached = page.isCached();
    pages.unqueue(page);
    if (cached && stats.isSevere()) {
      pages.activate(page);
      return waitForPages(fs);
    }
    pages.busy(page);
    fs.page = page;
    boolean usable = object == objects.kernelObject() || page.valid() == VmPage.BITS_ALL;
    return usable ? KernReturn.SUCCESS : null;
  }

  private static KernReturn waitForPages(FaultState fs) {
    fs.shortOfPages = true;
    return KernReturn.TRY_AGAIN;
  }

  /** {@code TRYPAGER}: pages aren't read to be unwired. */
  private static boolean mayAskPager(FaultState fs, VmObject object) {
    return object.type() != ObjectType.DEFAULT && (!fs.isWireFault() || fs.lookup.wired());
  }

  /** Reads the page with the map unlocked. Returns null when the pager has none. */
  private @Nullable KernReturn pageIn(FaultState fs, VmObject object) {
    Pager pager = object.pager();
    // Only of swap it is certain that what isn't there now can't be read.
    if (pager == null || (object.type() == ObjectType.SWAP && !pager.hasPage(object, fs.pindex))) {
      return null;
    }
    fs.unlockMap();
    PagerResult result = pager.getPage(object, fs.requirePage());
    switch (result) {
      case OK -> {
        fs.page = object.residentPage(fs.pindex);
        return fs.page == null ? KernReturn.TRY_AGAIN : KernReturn.SUCCESS;
      }
      case FAIL -> {
        return null;
      }
      case BAD -> {
        discardPage(fs);
        return KernReturn.PROTECTION_FAILURE;
      }
      default -> {
        if (fs.lookup.map() == kernelMap) {
          return null;
        }
        discardPage(fs);
        return KernReturn.FAILURE;
      }
    }
  }

  private void discardPage(FaultState fs) {
    discard(fs.requirePage());
    fs.page = null;
  }

  /** Frees a busy page without contents; a wired one must stay where it is. */
  void discard(VmPage page) {
    if (page.wireCount() != 0) {
      pages.wakeup(page);
    } else {
      pages.protectNone(page);
      allocator.free(page);
    }
  }

  /** Ends the busy state of a page that the fault has no more use for. */
  void giveUp(VmPage page) {
    if (page.valid() == 0) {
      discard(page);
    } else {
      pages.activate(page);
      pages.wakeup(page);
    }
  }

  /** Goes to the backing object; false at the end of the chain. */
  private boolean stepBehind(FaultState fs, VmObject object) {
    if (object == fs.firstObject) {
      fs.firstPage = fs.page;
      fs.page = null;
    } else if (fs.page != null) {
      discardPage(fs);
    }
    VmObject next = object.backingObject();
    if (object != fs.firstObject) {
      fs.object = fs.firstObject;
      objects.pagingEnd(object);
    }
    if (next == null) {
      return false;
    }
    fs.pindex += VmArith.offToIdx(object.backingObjectOffset());
    fs.object = next;
    objects.pagingBegin(next);
    return true;
  }

  private void fillWithZeroes(FaultState fs) {
    VmPage page = fs.requireFirstPage();
    fs.firstPage = null;
    fs.page = page;
    fs.pindex = fs.firstPindex;
    if (pages.ensureZero(page)) {
      stats.add(VmCounter.OZFOD, 1);
    }
    stats.add(VmCounter.ZFOD, 1);
    page.setValid(true);
  }
}
