package dev.kmemu.campaign.map;

import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayList;
import java.util.List;

/** Makes a VM page out. */
final class Paging {

  /** A page that was used as much as counts is written out after so many scans. */
  private static final int SCANS = 12;

  private static final int DEFICIT = 64;

  private final KernelVm vm;

  Paging(KernelVm vm) {
    this.vm = vm;
  }

  /** Memory is short, long after anything was used: all that can goes to swap. */
  void pageOut() {
    vm.tokens().vm().get();
    try {
      for (int i = 0; i < SCANS; i++) {
        forget();
        vm.stats().set(VmCounter.PAGEOUT_DEFICIT, DEFICIT);
        vm.paging().pageout().run();
      }
      for (VmPage p = vm.queues().findCached(0); p != null; p = vm.queues().findCached(0)) {
        vm.paging().reclaim().discard(p);
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Nothing counts as used, until it is again. */
  void forget() {
    vm.tokens().vm().get();
    try {
      for (VmPage page : used()) {
        vm.pmap().mappings().clearReference(page);
        page.clearFlag(PageFlags.REFERENCED);
      }
    } finally {
      vm.tokens().vm().release();
    }
  }

  /** Wired pages aren't looked at anyway. */
  private List<VmPage> used() {
    List<VmPage> used = new ArrayList<>();
    for (int i = 0; i < vm.pages().size(); i++) {
      VmPage page = vm.pages().get(i);
      if (page.owner() != null && page.wireCount() == 0) {
        used.add(page);
      }
    }
    return used;
  }
}
