package dev.kmemu.vm.check;

import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.VmPage;

/** How many managed entries of all page tables map each page. */
final class MappingCounts {

  private final int[] counts;
  private final long firstFrame;

  MappingCounts(PageArray pages) {
    counts = new int[pages.size()];
    firstFrame = pages.size() == 0 ? 0 : frame(pages.get(0));
  }

  void add(VmPage page) {
    counts[index(page)]++;
  }

  int of(VmPage page) {
    return counts[index(page)];
  }

  private int index(VmPage page) {
    return (int) (frame(page) - firstFrame);
  }

  private static long frame(VmPage page) {
    return page.physAddr() >>> VmArith.PAGE_SHIFT;
  }
}
