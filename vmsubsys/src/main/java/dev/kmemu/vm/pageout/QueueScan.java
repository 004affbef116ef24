package dev.kmemu.vm.pageout;

import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/** What the scans of both queues work with, and what they make of pages that nobody can age. */
abstract class QueueScan {

  final VmStats stats;
  final PageQueues queues;
  final PageState state;
  final PageReclaim reclaim;
  final PageMappings mappings;
  final Laundry laundry;

  QueueScan(
      VmStats stats,
      PageQueues queues,
      PageState state,
      PageReclaim reclaim,
      PageMappings mappings,
      Laundry laundry) {
    this.stats = stats;
    this.queues = queues;
    this.state = state;
    this.reclaim = reclaim;
    this.mappings = mappings;
    this.laundry = laundry;
  }

  /** Passes a busy or held page over: it goes to the tail. Returns whether it is one. */
  final boolean passOver(VmPage page, ScanProgress scan) {
    if (!page.isBusy() && page.holdCount() == 0) {
      return false;
    }
    scan.obstacles = true;
    state.requeue(page);
    return true;
  }

  /** Returns the page's object; null if that ended while the page was wired: it is free now. */
  final @Nullable VmObject objectOrFree(VmPage page, ScanProgress scan) {
    if (page.owner() instanceof VmObject object) {
      return object;
    }
    reclaim.discard(page);
    scan.gained();
    return null;
  }
}
