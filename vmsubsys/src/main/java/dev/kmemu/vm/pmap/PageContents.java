package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmArith;

/**
 * {@code pmap_zero_page}, {@code pmap_copy_page} and their parts, by physical address as through
 * the direct map. Lock-free: the caller owns the pages.
 */
public final class PageContents {

  private final PhysicalMemory ram;

  /** Creates the routines over guest RAM. */
  public PageContents(PhysicalMemory ram) {
    this.ram = ram;
  }

  /** {@code pmap_zero_page}: of the page at {@code pa}, page aligned. */
  public void zeroPage(long pa) {
    ram.zero(new PhysicalAddress(pa), VmArith.PAGE_SIZE);
  }

  /**
   * {@code pmap_zero_page_area}.
   *
   * @param offset in bytes from the page's start
   * @param size in bytes; the area ends in the page
   */
  public void zeroPageArea(long pa, int offset, int size) {
    requireInPage(offset, size);
    ram.zero(new PhysicalAddress(pa + offset), size);
  }

  /** {@code pmap_copy_page}: both page aligned. */
  public void copyPage(long source, long target) {
    ram.copy(new PhysicalAddress(source), new PhysicalAddress(target), (int) VmArith.PAGE_SIZE);
  }

  /** {@code pmap_copy_page_frag}: from any place in a page to any place in another. */
  public void copyPageFragment(long source, long target, int bytes) {
    requireInPage((int) (source & VmArith.PAGE_MASK), bytes);
    requireInPage((int) (target & VmArith.PAGE_MASK), bytes);
    ram.copy(new PhysicalAddress(source), new PhysicalAddress(target), bytes);
  }

  private static void requireInPage(int offset, int size) {
    if (offset < 0 || size < 0 || (long) offset + size > VmArith.PAGE_SIZE) {
      throw new IllegalArgumentException(
          size + " bytes at offset " + offset + " don't lie in one page of 4096 bytes");
    }
  }
}
