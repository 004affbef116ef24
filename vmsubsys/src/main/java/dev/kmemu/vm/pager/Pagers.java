package dev.kmemu.vm.pager;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.Numbering;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmStats;
import dev.kmemu.vm.kern.VmTokens;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.Pager;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.object.VmObjects;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageArray;
import dev.kmemu.vm.page.PageShortage;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import org.jspecify.annotations.Nullable;

/** The pagers of a kernel, and {@code vm_pager_allocate} for objects that have one from birth. */
public final class Pagers implements AutoCloseable {

  private final VmTokens tokens;
  private final VmObjects objects;
  private final PageAllocator allocator;
  private final PageArray pages;
  private final DevicePager devices = new DevicePager();
  private final PhysPager phys;
  private @Nullable SwapPager swap;

  /** Creates the pagers, without swap. */
  public Pagers(
      VmTokens tokens,
      VmObjects objects,
      PageAllocator allocator,
      PageState state,
      PageArray pages) {
    this.tokens = tokens;
    this.objects = objects;
    this.allocator = allocator;
    this.pages = pages;
    this.phys = new PhysPager(state);
  }

  /** {@code swapon}: gives anonymous memory a place to go, once. Closed with the pagers. */
  public void swapOn(SwapSpace space, PhysicalMemory ram, VmStats stats, PageShortage shortage) {
    swap = new SwapPager(space, ram, stats, shortage);
  }

  /** Returns the swap pager; null without swap. */
  public @Nullable SwapPager swap() {
    return swap;
  }

  /** Returns a new object of {@code size} pages that begin as zeroes and always stay in RAM. */
  public VmObject phys(long size) {
    return allocate(ObjectType.PHYS, size, phys);
  }

  /**
   * Returns a new object over physical memory that the VM doesn't own, such as a device's.
   *
   * @param start page aligned
   * @param size pages, at least 1
   * @throws IllegalArgumentException for a range of no pages, an unaligned one, or one that holds
   *     pages of the VM
   */
  public VmObject device(PhysicalAddress start, int size) {
    if (!start.isPageAligned() || size < 1) {
      throw new IllegalArgumentException(
          "a device's memory must be whole pages and at least one, got " + size + " at " + start);
    }
    for (int i = 0; i < size; i++) {
      if (pages.find(start.value() + i * VmArith.PAGE_SIZE) != null) {
        throw new IllegalArgumentException(
            String.format(
                "%d pages at %s aren't a device's: the VM owns page %d of them", size, start, i));
      }
    }
    VmObject object = allocate(ObjectType.DEVICE, size, devices);
    tokens.vm().get();
    try {
      for (int i = 0; i < size; i++) {
        allocator.insert(VmPage.fictitious(start.plus(i * VmArith.PAGE_SIZE)), object, i);
      }
    } finally {
      tokens.vm().release();
    }
    return object;
  }

  private VmObject allocate(ObjectType type, long size, Pager pager) {
    VmObject object = objects.allocate(type, size);
    tokens.vm().get();
    object.setPager(type, pager);
    tokens.vm().release();
    return object;
  }

  /** Closes swap; what is in it can't be read any more. */
  @Override
  public void close() {
    tokens.vm().get();
    try {
      if (swap != null) {
        swap.close();
      }
    } finally {
      tokens.vm().release();
    }
  }

  /** Adds the pagers of this kernel to {@code pagers}, the same ones in the same order always. */
  public void number(Numbering<Pager> pagers) {
    pagers.add(devices);
    pagers.add(phys);
    pagers.addIfPresent(swap);
  }
}
