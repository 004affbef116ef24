package dev.kmemu.vm.fault;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/**
 * What {@code vm_fault_object} does with a page from behind the first object: brings it up to be
 * written, or maps it for reading. Callers hold {@code vm_token} and the map's lock.
 */
final class CopyOnWrite {

  private final VmStats stats;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageState pages;
  private final PageResolution resolution;

  CopyOnWrite(
      VmStats stats,
      VmObjects objects,
      PageAllocator allocator,
      PageState pages,
      PageResolution resolution) {
    this.stats = stats;
    this.objects = objects;
    this.allocator = allocator;
    this.pages = pages;
    this.resolution = resolution;
  }

  /** Makes {@code fs.page} what is to be entered. */
  void apply(FaultState fs) {
    VmObject first = fs.requireFirstObject();
    VmObject object = fs.requireObject();
    if (object == first) {
      return;
    }
    if ((fs.servedType() & VmProt.WRITE) == 0 && !mustStay(fs)) {
      fs.protection &= ~VmProt.WRITE;
      return;
    }
    VmPage target = fs.requireFirstPage();
    VmPage source = fs.requirePage();
    if (isUnshared(first, object) && source.wireCount() == 0 && target.wireCount() == 0) {
      move(fs, source, target);
      stats.add(VmCounter.COW_OPTIM, 1);
    } else {
      copy(first, source, target);
      fs.page = target;
    }
    fs.firstPage = null;
    fs.object = first;
    fs.pindex = fs.firstPindex;
    objects.pagingEnd(object);
    stats.add(VmCounter.COW_FAULTS, 1);
  }

  /**
   * Whether the page is wired for an entry whose object may get a page of its own, before the one
   * behind it, from others who map the object: the wired page must be the one they write to. The
   * memory of a device is its own, and isn't copied to be wired.
   */
  private static boolean mustStay(FaultState fs) {
    return fs.isWireFault() && fs.lookup.wired() && !fs.requirePage().has(PageFlags.FICTITIOUS);
  }

  /** Whether nobody but the first object can ever see a page of {@code object}. */
  private static boolean isUnshared(VmObject first, VmObject object) {
    return object.shadowCount() == 1
        && object.refCount() == 1
        && object.handle() == null
        && object.isAnonymous()
        && object == first.backingObject();
  }

  private void move(FaultState fs, VmPage source, VmPage target) {
    VmObject object = fs.requireObject();
    resolution.discard(target);
    Pager pager = object.pager();
    if (pager != null) {
      pager.freeSpace(object, fs.pindex, 1);
    }
    allocator.rename(source, fs.requireFirstObject(), fs.firstPindex);
  }

  private void copy(VmObject first, VmPage source, VmPage target) {
    pages.copy(source, target);
    target.setValid(true);
    // Nothing else holds these contents, also when they are copied to be wired and not written.
    target.markDirty();
    if (first.refCount() > 2 && source.wireCount() == 0) {
      // Others that map the first object may have mapped the page behind it, for reading.
      pages.protectNone(source);
    }
    pages.deactivate(source);
    pages.wakeup(source);
  }
}
