package dev.kmemu.vm.check;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import java.util.List;

/** P1, P5 to P8, and P3 of {@code kernel_object}: pages and their queues. */
final class PageChecks {

  private final Violations violations;

  PageChecks(Violations violations) {
    this.violations = violations;
  }

  /** P1: the pages of wired entries of {@code kernel_object}. */
  void checkWiredEntries(VmObject kernelObject, List<VmMapEntry> entries) {
    for (VmMapEntry e : entries) {
      for (long va = e.start(); e.wiredCount() > 0 && va != e.end(); va += VmArith.PAGE_SIZE) {
        VmPage page = kernelObject.residentPage(VmArith.offToIdx(va));
        if (e.isGuard(va)) {
          violations.expectTrue(
              "P1", String.format("%s at 0x%x", e, va), "no page", page == null, page);
          continue;
        }
        if (page == null) {
          violations.expectTrue(
              "P1", String.format("%s at 0x%x", e, va), "resident", false, "absent");
          continue;
        }
        violations.expectTrue("P1", page, "wired", page.wireCount() >= 1, page.wireCount());
        violations.expect("P1", page + " valid", VmPage.BITS_ALL, page.valid());
        violations.expect("P1", page + " queue", PageQueueIndex.NONE, page.queue());
      }
    }
    violations.expect(
        "P3", kernelObject + " ref_count", 1L + entries.size(), kernelObject.refCount());
  }

  /** P5 to P8: every page. */
  void checkPages(PageArray pages, VmStats stats, PhysicalMemory ram) {
    long wired = 0;
    long zero = 0;
    for (int i = 0; i < pages.size(); i++) {
      VmPage page = pages.get(i);
      int base = page.queue() - page.color();
      boolean free = isFree(page);
      if (page.wireCount() > 0) {
        wired++;
        violations.expect("P6", page + " queue", PageQueueIndex.NONE, page.queue());
      }
      if (free) {
        violations.expectTrue(
            "P6", page, "free and in no object", page.owner() == null, page.owner());
        violations.expect("P6", page + " hold_count", 0, page.holdCount());
        violations.expect("P6", page + " wire_count", 0, page.wireCount());
      }
      if (free || isCache(page)) {
        violations.expectTrue("P6", page, "unmapped", !page.has(PageFlags.MAPPED), "MAPPED");
        violations.expect("P6", page + " dirty", 0, page.dirty());
        violations.expect(
            "P8", page + " queue", free ? PageQueueIndex.FREE : PageQueueIndex.CACHE, base);
      }
      if (free && page.has(PageFlags.ZERO)) {
        zero++;
        violations.expectTrue(
            "P7",
            page,
            "all zero",
            ram.isZero(page.physAddr(), (int) VmArith.PAGE_SIZE),
            "other bytes");
      }
    }
    violations.expect("P5", "v_wire_count", wired, stats.get(VmCounter.WIRE_COUNT));
    violations.expect("P7", "vm_page_zero_count", zero, stats.get(VmCounter.ZERO_COUNT));
  }

  private static boolean isFree(VmPage page) {
    return page.queue() >= PageQueueIndex.FREE && page.queue() < PageQueueIndex.INACTIVE;
  }

  private static boolean isCache(VmPage page) {
    return page.queue() >= PageQueueIndex.CACHE && page.queue() < PageQueueIndex.HOLD;
  }
}
