package dev.kmemu.campaign.map;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who takes nearly all memory, so that a certain allocation is the first that has to wait,
 * and gives it back when nobody can go on without.
 */
final class Hoard {

  private final KernelVm vm;
  private @Nullable VmObject object;

  Hoard(KernelVm vm) {
    this.vm = vm;
  }

  /** Takes all pages but {@code left} of those that an ordinary allocation may take. */
  void take(int left) {
    giveBack();
    VmObject taken = vm.objects().allocate("hoard", ObjectType.PHYS, vm.pages().size());
    object = taken;
    vm.tokens().vm().get();
    try {
      long count = vm.stats().get(VmCounter.FREE_COUNT) - vm.stats().get(VmCounter.FREE_RESERVED);
      for (long i = 0; i < count - left; i++) {
        VmPage page = vm.allocator().alloc(taken, i, AllocRequest.QUICK);
        if (page == null) {
          return;
        }
        page.setValid(true);
        vm.pageState().wire(page);
        vm.pageState().wakeup(page);
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Gives all of it back; false when there was nothing. */
  boolean giveBack() {
    VmObject taken = object;
    object = null;
    if (taken == null) {
      return false;
    }
    vm.tokens().vm().get();
    try {
      for (long i = 0; i < taken.size(); i++) {
        VmPage page = taken.residentPage(i);
        if (page != null) {
          vm.pageState().unwire(page, false);
          vm.pageState().busy(page);
          vm.allocator().free(page);
        }
      }
    } finally {
      vm.tokens().vm().release();
    }
    vm.objects().deallocate(taken);
    return true;
  }
}
