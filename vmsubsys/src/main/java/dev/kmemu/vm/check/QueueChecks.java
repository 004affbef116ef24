package dev.kmemu.vm.check;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageOwner;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageQueues;
import dev.kmemu.vm.page.VmPage;

/**
 * P4, and what P1 and P2 ask of pages wherever they are: which queue, which object, busy or not.
 */
final class QueueChecks {

  private static final VmCounter[] COUNTERS = {
    VmCounter.FREE_COUNT, VmCounter.CACHE_COUNT, VmCounter.INACTIVE_COUNT, VmCounter.ACTIVE_COUNT
  };

  private final Violations violations;
  private final PageArray pages;

  QueueChecks(Violations violations, PageArray pages) {
    this.violations = violations;
    this.pages = pages;
  }

  /** P4: counters against the queues, and the queues against what the pages say. */
  void checkQueues(PageQueues queues, VmStats stats) {
    int[] listed = new int[PageQueueIndex.COUNT];
    for (int queue = 1; queue < PageQueueIndex.COUNT; queue++) {
      VmPage page = queues.first(queue);
      for (; page != null && listed[queue] <= pages.size(); page = PageQueues.next(page)) {
        listed[queue]++;
        violations.expect("P4", page + " on queue " + queue, queue, page.queue());
      }
      violations.expect("P4", "length of queue " + queue, listed[queue], queues.length(queue));
    }
    int[] claimed = new int[PageQueueIndex.COUNT];
    for (int i = 0; i < pages.size(); i++) {
      claimed[pages.get(i).queue()]++;
    }
    for (int queue = 1; queue < PageQueueIndex.COUNT; queue++) {
      violations.expect("P4", "pages that name queue " + queue, listed[queue], claimed[queue]);
    }
    for (VmCounter counter : COUNTERS) {
      long length = 0;
      for (int queue = 1; queue < PageQueueIndex.COUNT; queue++) {
        length += PageQueues.counterOf(queue) == counter ? listed[queue] : 0;
      }
      violations.expect("P4", counter.upstreamName(), length, stats.get(counter));
    }
    violations.expect("P4", "v_page_count", pages.size(), stats.get(VmCounter.PAGE_COUNT));
  }

  /**
   * P1 and P2 for every page: nobody left it busy, and its object knows it.
   *
   * @param kernelTables {@code kptobj}, whose pages stay busy
   */
  void checkIdle(VmObject kernelTables) {
    for (int i = 0; i < pages.size(); i++) {
      VmPage page = pages.get(i);
      PageOwner owner = page.owner();
      violations.expectTrue(
          "P1", page, "not busy", !page.isBusy() || owner == kernelTables, "busy");
      if (owner != null) {
        VmPage there = owner.residentPage(page.pindex());
        violations.expectTrue("P2", page, "known to its object", there == page, there);
      }
    }
  }
}
