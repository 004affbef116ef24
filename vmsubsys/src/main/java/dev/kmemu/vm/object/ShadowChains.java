package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/**
 * How objects lie before each other: the links of {@code vm_object_shadow}, and one step of {@code
 * vm_object_collapse}. Callers hold both tokens; nothing here sleeps.
 */
final class ShadowChains {

  /** What a step made of an object and its backing object. */
  enum Step {
    /** Nothing can be done now. */
    NONE,

    /** The backing object is no more; all that it had is in the object. */
    COLLAPSED,

    /** The object lies before what backed its backing object, to which it owes a reference. */
    BYPASSED
  }

  private final PageAllocator allocator;
  private final PageState state;

  ShadowChains(PageAllocator allocator, PageState state) {
    this.allocator = allocator;
    this.state = state;
  }

  /** Puts {@code object}, which has no backing object, before {@code backing}. */
  static void link(VmObject object, VmObject backing, long offset) {
    object.backingObject = backing;
    object.backingObjectOffset = offset;
    object.previousShadow = null;
    object.nextShadow = backing.firstShadow;
    if (backing.firstShadow != null) {
      backing.firstShadow.previousShadow = object;
    }
    backing.firstShadow = object;
    backing.shadowCount++;
  }

  /** Takes {@code object} away from {@code backing}; the reference is the caller's now. */
  static void unlink(VmObject object, VmObject backing) {
    VmObject previous = object.previousShadow;
    VmObject next = object.nextShadow;
    if (previous == null) {
      backing.firstShadow = next;
    } else {
      previous.nextShadow = next;
    }
    if (next != null) {
      next.previousShadow = previous;
    }
    object.previousShadow = null;
    object.nextShadow = null;
    object.backingObject = null;
    backing.shadowCount--;
  }

  /** Shortens the chain behind {@code object} by one object, if it can be done now. */
  Step shorten(VmObject object, VmObject backing) {
    if (!isPrivate(object) || !isPrivate(backing) || !isIdle(object) || !isIdle(backing)) {
      return Step.NONE;
    }
    if (backing.refCount == 1) {
      return collapse(object, backing) ? Step.COLLAPSED : Step.NONE;
    }
    return bypass(object, backing) ? Step.BYPASSED : Step.NONE;
  }

  private static boolean isPrivate(VmObject object) {
    return object.isAnonymous() && object.handle == null && !object.dead;
  }

  private static boolean isIdle(VmObject object) {
    return object.pagingInProgress == 0;
  }

  private boolean collapse(VmObject object, VmObject backing) {
    long shift = VmArith.offToIdx(object.backingObjectOffset);
    if (!mayMove(object, backing, shift)) {
      return false;
    }
    movePages(object, backing, shift);
    movePagerContents(object, backing, shift);
    VmObject behind = backing.backingObject;
    long offset = object.backingObjectOffset + backing.backingObjectOffset;
    unlink(object, backing);
    if (behind != null) {
      unlink(backing, behind);
      link(object, behind, offset);
    }
    backing.refCount = 0;
    backing.dead = true;
    backing.type = ObjectType.DEAD;
    return true;
  }

  /**
   * Upstream sleeps for a busy page while the backing object is marked dead, so that a fault fails
   * meanwhile; here the objects stay apart until another time. So they do when the object has an
   * invalid page, which a wired page is after its contents were removed: it hides nothing.
   */
  private static boolean mayMove(VmObject object, VmObject backing, long shift) {
    for (int slot = 0; slot < backing.residentSlots(); slot++) {
      VmPage page = backing.residentSlot(slot);
      if (page == null) {
        continue;
      }
      if (page.isBusy()) {
        return false;
      }
      VmPage own = object.residentPage(page.pindex() - shift);
      if (own != null && (own.isBusy() || own.valid() == 0)) {
        return false;
      }
    }
    return true;
  }

  /** {@code vm_object_backing_scan(object, OBSC_COLLAPSE_WAIT)}. */
  private void movePages(VmObject object, VmObject backing, long shift) {
    for (int slot = 0; slot < backing.residentSlots(); ) {
      VmPage page = backing.residentSlot(slot);
      if (page == null) {
        slot++;
        continue;
      }
      state.busy(page);
      if (backing.pager != null && page.valid() != 0) {
        backing.pager.freeSpace(backing, page.pindex(), 1);
      }
      long pindex = page.pindex() - shift;
      if (page.valid() != 0
          && covers(object, page.pindex(), shift)
          && object.residentPage(pindex) == null
          && !object.isPagedOut(pindex)) {
        allocator.rename(page, object, pindex);
        state.wakeup(page);
      } else {
        discard(page);
      }
    }
  }

  /** Whether the backing object's page {@code pindex} is behind a page of {@code object}. */
  private static boolean covers(VmObject object, long pindex, long shift) {
    return !VmArith.below(pindex, shift) && VmArith.below(pindex - shift, object.size);
  }

  /** Frees a busy page; a wired one is only taken out of its object. */
  private void discard(VmPage page) {
    if (page.wireCount() == 0) {
      state.protectNone(page);
      allocator.free(page);
    } else {
      allocator.remove(page);
      state.wakeup(page);
    }
  }

  private static void movePagerContents(VmObject object, VmObject backing, long shift) {
    Pager pager = backing.pager;
    if (pager == null) {
      return;
    }
    if (object.pager == null) {
      object.pager = pager;
      object.type = backing.type;
    }
    pager.handOver(backing, object, shift);
    backing.pager = null;
  }

  private static boolean bypass(VmObject object, VmObject backing) {
    long shift = VmArith.offToIdx(object.backingObjectOffset);
    if (backing.type != ObjectType.DEFAULT || !hidesAllOf(object, backing, shift)) {
      return false;
    }
    VmObject behind = backing.backingObject;
    long offset = object.backingObjectOffset + backing.backingObjectOffset;
    unlink(object, backing);
    if (behind != null) {
      behind.refCount++;
      link(object, behind, offset);
    }
    return true;
  }

  /** {@code vm_object_backing_scan(object, OBSC_TEST_ALL_SHADOWED)}. */
  private static boolean hidesAllOf(VmObject object, VmObject backing, long shift) {
    for (int slot = 0; slot < backing.residentSlots(); slot++) {
      VmPage page = backing.residentSlot(slot);
      if (page == null || !covers(object, page.pindex(), shift)) {
        continue;
      }
      long pindex = page.pindex() - shift;
      VmPage own = object.residentPage(pindex);
      if ((own == null || own.valid() == 0) && !object.isPagedOut(pindex)) {
        return false;
      }
    }
    return true;
  }
}
