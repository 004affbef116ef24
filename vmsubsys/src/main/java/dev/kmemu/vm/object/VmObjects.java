package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * The routines of {@code sys/vm/vm_object.c} that kernel memory needs. Shadow chains and pagers are
 * absent: kernel memory has neither.
 */
public final class VmObjects {

  private final VmTokens tokens;
  private final SleepQueue sleepQueue;
  private final PageAllocator allocator;
  private final PageState state;
  private final VmObject kernelObject;
  private int nextColor;
  private int created;

  /**
   * {@code vm_object_init}: creates {@code kernel_object}.
   *
   * @param kernelPages its size in pages, unsigned
   */
  public VmObjects(
      VmTokens tokens,
      SleepQueue sleepQueue,
      PageAllocator allocator,
      PageState state,
      long kernelPages) {
    this.tokens = tokens;
    this.sleepQueue = sleepQueue;
    this.allocator = allocator;
    this.state = state;
    this.kernelObject = allocate("kernel_object", ObjectType.DEFAULT, kernelPages);
  }

  /** {@code kernel_object}: page index and kernel address correspond one to one. */
  public VmObject kernelObject() {
    return kernelObject;
  }

  /** {@code vm_object_allocate}, one reference. */
  public VmObject allocate(ObjectType type, long size) {
    return allocate("object " + ++created, type, size);
  }

  /** {@link #allocate(ObjectType, long)} with a name for reports. */
  public final VmObject allocate(String name, ObjectType type, long size) {
    tokens.vmobj().get();
    try {
      VmObject object = new VmObject(name, type, size, nextColor);
      long step = VmArith.min(size, PageQueueIndex.COLORS / 3 + PageQueueIndex.PRIME1);
      nextColor = (nextColor + (int) step) & PageQueueIndex.COLOR_MASK;
      return object;
    } finally {
      tokens.vmobj().release();
    }
  }

  /** {@code vm_object_reference}; null is ignored. */
  public void reference(@Nullable VmObject object) {
    if (object != null) {
      tokens.vmobj().get();
      object.refCount++;
      tokens.vmobj().release();
    }
  }

  /** Notes that {@code object} gets a mapping: shared objects have more than one. */
  public void noteMapped(VmObject object) {
    tokens.vmobj().get();
    if (object.refCount > 1 || object.shadowCount > 0) {
      object.oneMapping = false;
    }
    tokens.vmobj().release();
  }

  /** {@code vm_object_deallocate}; null is ignored. The last reference ends the object. */
  public void deallocate(@Nullable VmObject object) {
    if (object == null) {
      return;
    }
    tokens.vmobj().get();
    try {
      if (object.refCount <= 0) {
        throw new KernelPanic(
            "vm_object_deallocate: object deallocated too many times: " + object.type.code(),
            object.name());
      }
      if (object.refCount == 2) {
        object.oneMapping = true;
      }
      if (--object.refCount > 0) {
        return;
      }
      object.dead = true;
    } finally {
      tokens.vmobj().release();
    }
    VmObject backing = unshadow(object);
    terminate(object);
    deallocate(backing);
  }

  /** What an entry maps instead: {@code object} at {@code offset}. */
  public record Shadow(VmObject object, long offset) {}

  /**
   * {@code vm_object_shadow}: an object that takes the writes to {@code source}, and whose missing
   * pages come from there. The caller's reference moves to the shadow's link; the shadow has one
   * for the caller. An anonymous source that nobody shares serves as its own shadow.
   *
   * @param offset in bytes into {@code source}
   */
  public Shadow shadow(VmObject source, long offset, long length) {
    tokens.vmobj().get();
    try {
      boolean anonymous = source.type == ObjectType.DEFAULT || source.type == ObjectType.SWAP;
      if (anonymous && source.refCount == 1) {
        return new Shadow(source, offset);
      }
      VmObject shadow = allocate(ObjectType.DEFAULT, length >>> VmArith.PAGE_SHIFT);
      shadow.backingObject = source;
      shadow.backingObjectOffset = offset;
      shadow.nextShadow = source.firstShadow;
      source.firstShadow = shadow;
      source.shadowCount++;
      source.oneMapping = false;
      return new Shadow(shadow, 0);
    } finally {
      tokens.vmobj().release();
    }
  }

  private @Nullable VmObject unshadow(VmObject object) {
    tokens.vmobj().get();
    try {
      VmObject backing = object.backingObject;
      if (backing == null) {
        return null;
      }
      VmObject previous = null;
      VmObject at = backing.firstShadow;
      while (at != null && at != object) {
        previous = at;
        at = at.nextShadow;
      }
      if (previous == null) {
        backing.firstShadow = object.nextShadow;
      } else {
        previous.nextShadow = object.nextShadow;
      }
      backing.shadowCount--;
      object.nextShadow = null;
      object.backingObject = null;
      return backing;
    } finally {
      tokens.vmobj().release();
    }
  }

  /** {@code vm_object_pip_add}: keeps the object's pages from being taken away. */
  public void pagingBegin(VmObject object) {
    object.pagingInProgress++;
  }

  /** {@code vm_object_pip_wakeup}. */
  public void pagingEnd(VmObject object) {
    if (--object.pagingInProgress == 0 && object.pagingWanted) {
      object.pagingWanted = false;
      sleepQueue.wakeup(object);
    }
  }

  /** {@code vm_object_terminate}: frees the pages; wired ones are only detached. */
  private void terminate(VmObject object) {
    tokens.vm().get();
    try {
      while (object.pagingInProgress > 0) {
        object.pagingWanted = true;
        sleepQueue.sleep(object, "objtrm");
      }
      for (int slot = 0; slot < object.residentSlots(); ) {
        VmPage page = object.residentSlot(slot);
        if (page == null) {
          slot++;
        } else if (page.isBusy()) {
          throw new KernelPanic("vm_object_terminate: freeing busy page " + page, object.name());
        } else {
          state.busy(page);
          if (page.wireCount() == 0) {
            state.protectNone(page);
            allocator.free(page);
          } else {
            allocator.remove(page);
            state.wakeup(page);
          }
        }
      }
      Pager pager = object.pager;
      if (pager != null) {
        pager.deallocate(object);
      }
      object.type = ObjectType.DEAD;
    } finally {
      tokens.vm().release();
    }
  }

  /**
   * {@code vm_object_page_remove(object, first, last, FALSE)}: frees the pages of [first, last);
   * wired ones lose their mappings and validity but stay.
   *
   * @param last exclusive, unsigned; 0 means to the end
   */
  public void pageRemove(@Nullable VmObject object, long first, long last) {
    if (object == null) {
      return;
    }
    tokens.vm().get();
    try {
      Pager pager = object.pager;
      if (object.residentPageCount() == 0 && pager == null) {
        return;
      }
      if (object.type == ObjectType.PHYS) {
        throw KernelPanic.assertion("object->type != OBJT_PHYS", "vm_object_page_remove");
      }
      pagingBegin(object);
      if (last != 0 && VmArith.below(last - first, 2L * object.residentSlots())) {
        stripByIndex(object, first, last);
        removeByIndex(object, first, last);
      } else {
        removeByScan(object, first, last);
      }
      if (pager != null) {
        pager.freeSpace(object, first, last == 0 ? -first : last - first);
      }
      pagingEnd(object);
    } finally {
      tokens.vm().release();
    }
  }

  /** Unmaps the pages first, so that one TLB flush serves them all. */
  private void stripByIndex(VmObject object, long first, long last) {
    for (long pindex = first; pindex != last; pindex++) {
      VmPage page = object.residentPage(pindex);
      if (page != null && !page.isBusy()) {
        state.strip(page);
      }
    }
    state.flushStripped();
  }

  private void removeByIndex(VmObject object, long first, long last) {
    for (long pindex = first; pindex != last; ) {
      VmPage page = object.residentPage(pindex);
      if (page == null || !state.sleepWhileBusy(page, "vmopar")) {
        if (page != null) {
          removePage(page);
        }
        pindex++;
      }
    }
  }

  private void removeByScan(VmObject object, long first, long last) {
    for (int slot = 0; slot < object.residentSlots(); ) {
      VmPage page = object.residentSlot(slot);
      if (page == null || !inRange(page.pindex(), first, last)) {
        slot++;
      } else if (state.sleepWhileBusy(page, "vmopar")) {
        slot = 0;
      } else if (!removePage(page)) {
        slot++;
      }
    }
  }

  private static boolean inRange(long pindex, long first, long last) {
    return !VmArith.below(pindex, first) && (last == 0 || VmArith.below(pindex, last));
  }

  private boolean removePage(VmPage page) {
    if (page.wireCount() != 0) {
      state.protectNone(page);
      page.setValid(false);
      return false;
    }
    state.busy(page);
    state.protectNone(page);
    allocator.free(page);
    return true;
  }

  /**
   * {@code vm_object_coalesce}: grows {@code object} by {@code nextBytes} behind its mapping of
   * {@code prevBytes} at {@code prevOffset}.
   *
   * @return whether the mapping may grow
   */
  public boolean coalesce(
      @Nullable VmObject object, long prevOffset, long prevBytes, long nextBytes) {
    if (object == null) {
      return true;
    }
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      if (object.type != ObjectType.DEFAULT && object.type != ObjectType.SWAP) {
        return false;
      }
      if (object.backingObject != null) {
        return false;
      }
      long nextIndex = VmArith.offToIdx(prevOffset) + (prevBytes >>> VmArith.PAGE_SHIFT);
      long nextPages = nextBytes >>> VmArith.PAGE_SHIFT;
      if (object.refCount > 1 && object.size != nextIndex) {
        return false;
      }
      if (VmArith.below(nextIndex, object.size)) {
        pageRemove(object, nextIndex, nextIndex + nextPages);
      }
      object.size = VmArith.max(object.size, nextIndex + nextPages);
      return true;
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /** Shrinks the object to {@code size} pages after its tail was removed. */
  public void truncate(VmObject object, long size) {
    object.size = size;
  }
}
