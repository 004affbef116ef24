package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SleepQueue;
import dev.kmemu.vm.kern.StateExchange;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The end of references and of objects: {@code vm_object_deallocate}, {@code vm_object_collapse}
 * and {@code vm_object_terminate}.
 */
final class ObjectRelease {

  private final VmTokens tokens;
  private final SleepQueue sleepQueue;
  private final PageAllocator allocator;
  private final PageState state;
  private final ShadowChains chains;
  private int ended;

  ObjectRelease(VmTokens tokens, SleepQueue sleepQueue, PageAllocator allocator, PageState state) {
    this.tokens = tokens;
    this.sleepQueue = sleepQueue;
    this.allocator = allocator;
    this.state = state;
    this.chains = new ShadowChains(allocator, state);
  }

  /** Drops a reference; may sleep until paging in the object and its shadow has ended. */
  void deallocate(VmObject object) {
    if (dropShared(object)) {
      return;
    }
    tokens.vm().get();
    tokens.vmobj().get();
    try {
      drop(object);
    } finally {
      tokens.vmobj().release();
      tokens.vm().release();
    }
  }

  /** The common case, which needs {@code vmobj_token} only. */
  private boolean dropShared(VmObject object) {
    tokens.vmobj().get();
    try {
      if (object.refCount < 2 || (object.refCount == 2 && object.shadowCount != 0)) {
        return false;
      }
      if (object.refCount == 2) {
        object.oneMapping = true;
      }
      object.refCount--;
      return true;
    } finally {
      tokens.vmobj().release();
    }
  }

  /** Chains may be long, and each step may owe further references: nothing here recurs. */
  private void drop(VmObject first) {
    Deque<VmObject> owed = null;
    VmObject object = first;
    while (object != null) {
      if (object.refCount <= 0) {
        throw new KernelPanic(
            "vm_object_deallocate: object deallocated too many times: " + object.type.code(),
            object.name());
      }
      VmObject next = null;
      if (!dropShared(object)) {
        if (object.refCount == 1) {
          next = end(object);
        } else {
          next = dropBeforeShadow(object);
          // Everybody else may have dropped the shadow by now: then it ends next.
          if (next != null && next.refCount > 1) {
            owed = shorten(next, owed);
          }
        }
      }
      object = next == null && owed != null ? owed.poll() : next;
    }
  }

  /** Ends the object, and returns the one behind it, whose reference is to be dropped next. */
  private @Nullable VmObject end(VmObject object) {
    VmObject behind = object.backingObject;
    if (behind != null) {
      ShadowChains.unlink(object, behind);
    }
    object.refCount = 0;
    terminate(object);
    return behind;
  }

  /**
   * Drops one of two references of an object that backs others. The one that is left may be that of
   * an only shadow, into which the object is to go then: the reference is dropped before, as the
   * object must have one only for that.
   *
   * @return the shadow, referenced so that it lasts meanwhile; null when that isn't to be done
   */
  private @Nullable VmObject dropBeforeShadow(VmObject object) {
    object.refCount--;
    VmObject shadow = object.firstShadow;
    if (shadow == null
        || object.shadowCount != 1
        || object.handle != null
        || shadow.handle != null
        || !object.isAnonymous()
        || !shadow.isAnonymous()) {
      return null;
    }
    shadow.refCount++;
    while (shadow.pagingInProgress != 0 || object.pagingInProgress != 0) {
      awaitPaging(shadow, "objde1");
      awaitPaging(object, "objde2");
    }
    return shadow;
  }

  /** Shortens the chain behind {@code object}, which the caller holds a reference of. */
  void collapse(VmObject object) {
    Deque<VmObject> owed = shorten(object, null);
    while (owed != null && !owed.isEmpty()) {
      drop(owed.remove());
    }
  }

  /** Shortens the chain, and adds the objects passed by to those whose reference is owed. */
  private @Nullable Deque<VmObject> shorten(VmObject object, @Nullable Deque<VmObject> before) {
    Deque<VmObject> owed = before;
    for (VmObject backing = object.backingObject; backing != null; backing = object.backingObject) {
      ShadowChains.Step step = chains.shorten(object, backing);
      if (step == ShadowChains.Step.NONE) {
        break;
      }
      if (step == ShadowChains.Step.COLLAPSED) {
        ended++;
      } else {
        owed = owed == null ? new ArrayDeque<>() : owed;
        owed.add(backing);
      }
    }
    return owed;
  }

  private void awaitPaging(VmObject object, String wmesg) {
    if (object.pagingInProgress != 0) {
      object.pagingWanted = true;
      sleepQueue.sleep(object, wmesg);
    }
  }

  /** Frees the pages; wired ones are only detached. */
  private void terminate(VmObject object) {
    object.dead = true;
    while (object.pagingInProgress != 0) {
      awaitPaging(object, "objtrm");
    }
    if (object.refCount != 0) {
      throw new KernelPanic(
          "vm_object_terminate: object with references, ref_count=" + object.refCount,
          object.name());
    }
    for (int slot = 0; slot < object.residentSlots(); ) {
      VmPage page = object.residentSlot(slot);
      if (page == null) {
        slot++;
      } else {
        removePage(object, page);
      }
    }
    if (object.pager != null) {
      object.pager.deallocate(object);
      object.pager = null;
    }
    object.type = ObjectType.DEAD;
    ended++;
  }

  /** Returns how many objects have ended; under {@code vmobj_token}. */
  int ended() {
    return ended;
  }

  private void removePage(VmObject object, VmPage page) {
    if (page.isBusy()) {
      throw new KernelPanic("vm_object_terminate: freeing busy page " + page, object.name());
    }
    state.busy(page);
    if (page.wireCount() == 0) {
      state.protectNone(page);
      allocator.free(page);
    } else {
      allocator.remove(page);
      state.wakeup(page);
    }
  }

  void exchange(StateExchange state) {
    ended = state.exchange(ended);
  }
}
