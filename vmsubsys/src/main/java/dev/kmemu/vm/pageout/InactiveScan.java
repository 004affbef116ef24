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
 * The part of {@code vm_pageout_scan} that takes pages from the inactive queue. Every page that it
 * looks at leaves the queue or goes to its tail, so that a pager may sleep without a marker page to
 * remember the place.
 */
final class InactiveScan extends QueueScan {

  InactiveScan(
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
    for (long left = stats.get(VmCounter.INACTIVE_COUNT); left > 0 && scan.shortage > 0; left--) {
      VmPage page = queues.first(PageQueueIndex.INACTIVE);
      if (page == null) {
        return;
      }
      stats.add(VmCounter.PDPAGES, 1);
      visit(page, scan);
    }
  }

  private void visit(VmPage page, ScanProgress scan) {
    if (passOver(page, scan)) {
      return;
    }
    VmObject object = objectOrFree(page, scan);
    if (object == null) {
      return;
    }
    if (reactivate(page, object)) {
      scan.changed(page, object, laundry);
    } else {
      take(page, object, scan);
    }
  }

  /** Puts a page that was used back on the active queue, the longer the more it was used. */
  private boolean reactivate(VmPage page, VmObject object) {
    boolean noted = page.has(PageFlags.REFERENCED);
    int references = mappings.tsReferenced(page);
    page.clearFlag(PageFlags.REFERENCED);
    if (object.refCount() == 0 || (!noted && references == 0)) {
      return false;
    }
    state.activate(page);
    state.advance(page, noted ? references + 1 : references);
    return true;
  }

  private void take(VmPage page, VmObject object, ScanProgress scan) {
    state.testDirty(page);
    if (page.valid() == 0) {
      reclaim.discard(page);
      scan.gained();
    } else if (page.dirty() == 0) {
      state.busy(page);
      if (reclaim.cache(page)) {
        scan.gained();
      }
    } else if (!page.has(PageFlags.WINATCFLS) && scan.pass == 0) {
      page.setFlag(PageFlags.WINATCFLS);
      state.requeue(page);
      scan.changed(page, object, laundry);
    } else if (scan.launder > 0 && laundry.clean(page, object)) {
      scan.launder--;
      scan.gained();
    } else if (page.queue() == PageQueueIndex.INACTIVE) {
      state.requeue(page);
    }
  }
}
