package dev.kmemu.vm.page;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import org.jspecify.annotations.Nullable;

/** {@code vm_page_array}: the pages that the VM hands out, [first, end) of RAM. */
public final class PageArray {

  private final VmPage[] pages;
  private final long firstFrame;

  /** Describes the pages of [start, end), both page aligned. */
  public PageArray(PhysicalAddress start, PhysicalAddress end) {
    this.firstFrame = start.frameNumber();
    this.pages = new VmPage[(int) (end.frameNumber() - firstFrame)];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = new VmPage((firstFrame + i) << VmArith.PAGE_SHIFT);
    }
  }

  /** Returns the number of pages. */
  public int size() {
    return pages.length;
  }

  /** Returns page {@code index} in physical order. */
  public VmPage get(int index) {
    return pages[index];
  }

  /** {@code PHYS_TO_VM_PAGE}, with the range check that upstream lacks. */
  public VmPage at(long pa) {
    VmPage page = find(pa);
    if (page == null) {
      throw new KernelPanic(
          "PHYS_TO_VM_PAGE: no vm_page", String.format("physical address 0x%x", pa));
    }
    return page;
  }

  /** Returns the page that holds {@code pa}, null when the VM doesn't own that memory. */
  public @Nullable VmPage find(long pa) {
    long index = (pa >>> VmArith.PAGE_SHIFT) - firstFrame;
    return index >= 0 && index < pages.length ? pages[(int) index] : null;
  }
}
