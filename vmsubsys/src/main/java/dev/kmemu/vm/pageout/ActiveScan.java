package dev.kmemu.vm.pageout;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageMappings;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;

/**
 * The part of {@code vm_pageout_scan} that ages the pages of the active queue and moves those that
 * nobody uses to the inactive one, or caches them while pages are short.
 */
final class ActiveScan extends QueueScan {

  private long wanted;

  ActiveScan(
      VmStats stats,
      PageQueues queues,
      PageState state,
      PageReclaim reclaim,
      PageMappings mappings,
      Laundry laundry) {
    super(stats, queues, state, reclaim, mappings, laundry);
  }

  /** Goes round the queue once at most. */
  void run(ScanProgress scan) {
    wanted = wanted(scan);
    long left = queues.length(PageQueueIndex.ACTIVE);
    for (; left > 0 && (scan.shortage > 0 || wanted > 0); left--) {
      VmPage page = queues.first(PageQueueIndex.ACTIVE);
      if (page == null) {
        return;
      }
      visit(page, scan);
    }
  }

  /** How many pages the inactive queue lacks; fewer when it served all that was asked of it. */
  private long wanted(ScanProgress scan) {
    long target = stats.get(VmCounter.INACTIVE_TARGET);
    long missing = target - stats.get(VmCounter.INACTIVE_COUNT);
    return scan.shortage > 0
        ? missing
        : Math.min(missing, 2 * Math.max(scan.originalShortage, target / 10));
  }

  private void visit(VmPage page, ScanProgress scan) {
    if (passOver(page, scan)) {
      return;
    }
    stats.add(VmCounter.PDPAGES, 1);
    VmObject object = objectOrFree(page, scan);
    if (object == null) {
      return;
    }
    int references = mappings.tsReferenced(page) + (page.has(PageFlags.REFERENCED) ? 1 : 0);
    page.clearFlag(PageFlags.REFERENCED);
    if (references > 0 && object.refCount() != 0) {
      state.advance(page, references);
      state.requeue(page);
      scan.changed(page, object, laundry);
      return;
    }
    if (page.activity() > 0) {
      state.decline(page);
      scan.changed(page, object, laundry);
    }
    if (object.refCount() == 0 || page.activity() < scan.pass + 1) {
      deactivate(page, object, scan);
    } else {
      state.requeue(page);
    }
  }

  private void deactivate(VmPage page, VmObject object, ScanProgress scan) {
    wanted--;
    scan.changed(page, object, laundry);
    if (scan.shortage <= 0 && object.refCount() != 0) {
      state.deactivate(page);
      return;
    }
    state.busy(page);
    state.protectNone(page);
    if (page.dirty() == 0 && scan.shortage > 0) {
      if (reclaim.cache(page)) {
        scan.gained();
      }
    } else {
      state.deactivate(page);
      state.wakeup(page);
    }
  }
}
