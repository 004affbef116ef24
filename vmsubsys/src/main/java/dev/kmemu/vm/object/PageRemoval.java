package dev.kmemu.vm.object;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/** {@code vm_object_page_remove}. Callers hold {@code vm_token}, and paging in the object. */
final class PageRemoval {

  private static final String WMESG = "vmopar";

  private final PageAllocator allocator;
  private final PageState state;

  PageRemoval(PageAllocator allocator, PageState state) {
    this.allocator = allocator;
    this.state = state;
  }

  /** Removes the pages of [first, last), or all from {@code first} on when {@code last} is 0. */
  void remove(VmObject object, long first, long last, boolean cleanOnly) {
    if (object.type == ObjectType.PHYS) {
      throw KernelPanic.assertion("object->type != OBJT_PHYS", "vm_object_page_remove");
    }
    if (last != 0 && VmArith.below(last - first, 2L * object.residentSlots())) {
      if (!cleanOnly) {
        stripByIndex(object, first, last);
      }
      removeByIndex(object, first, last, cleanOnly);
    } else {
      removeByScan(object, first, last, cleanOnly);
    }
    Pager pager = object.pager;
    if (pager != null && object.type == ObjectType.SWAP && !cleanOnly) {
      long end = VmArith.max(first, last != 0 ? last : object.size);
      pager.freeSpace(object, first, end - first);
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

  private void removeByIndex(VmObject object, long first, long last, boolean cleanOnly) {
    for (long pindex = first; pindex != last; ) {
      VmPage page = object.residentPage(pindex);
      if (page != null && removePage(page, cleanOnly) == Outcome.SLEPT) {
        pindex = first;
      } else {
        pindex++;
      }
    }
  }

  private void removeByScan(VmObject object, long first, long last, boolean cleanOnly) {
    for (int slot = 0; slot < object.residentSlots(); ) {
      VmPage page = object.residentSlot(slot);
      if (page == null || !inRange(page.pindex(), first, last)) {
        slot++;
        continue;
      }
      switch (removePage(page, cleanOnly)) {
        case KEPT -> slot++;
        case SLEPT -> slot = 0;
        case GONE -> {}
      }
    }
  }

  private static boolean inRange(long pindex, long first, long last) {
    return !VmArith.below(pindex, first) && (last == 0 || VmArith.below(pindex, last));
  }

  private enum Outcome {
    KEPT,
    GONE,

    /** Anything may have changed: the search begins anew. */
    SLEPT
  }

  private Outcome removePage(VmPage page, boolean cleanOnly) {
    if (page.wireCount() != 0) {
      state.protectNone(page);
      if (!cleanOnly) {
        page.setValid(false);
      }
      return Outcome.KEPT;
    }
    if (state.sleepWhileBusy(page, WMESG)) {
      return Outcome.SLEPT;
    }
    if (cleanOnly && page.valid() != 0) {
      state.testDirty(page);
      if ((page.valid() & page.dirty()) != 0 || page.holdCount() != 0) {
        return Outcome.KEPT;
      }
    }
    state.busy(page);
    state.protectNone(page);
    allocator.free(page);
    return Outcome.GONE;
  }
}
