package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * Neighbouring pages that page tables map with equal rights.
 *
 * @param start the first address
 * @param last the last one, which may be the last of the space
 * @param permissions what all levels allow together, of each page
 * @param global whether the entries that map the pages have G set
 * @param pages how many there are of each size
 * @param frame where the first page lies in physical memory
 * @param contiguous whether the others follow it there
 */
public record MappedRange(
    VirtualAddress start,
    VirtualAddress last,
    Permissions permissions,
    boolean global,
    PageCounts pages,
    PhysicalAddress frame,
    boolean contiguous) {

  static MappedRange of(MappedPage page) {
    return new MappedRange(
        page.start(),
        page.last(),
        page.permissions(),
        isGlobal(page),
        PageCounts.NONE.plus(page.bytes()),
        page.frame(),
        true);
  }

  /** Whether {@code page} follows with the same rights. */
  boolean continuesWith(MappedPage page) {
    return last.plus(1).equals(page.start())
        && permissions.equals(page.permissions())
        && global == isGlobal(page);
  }

  MappedRange with(MappedPage page) {
    boolean follows = contiguous && frame.value() + bytes() == page.frame().value();
    return new MappedRange(
        start, page.last(), permissions, global, pages.plus(page.bytes()), frame, follows);
  }

  /** Returns the size; 0 for a range that is the whole space. */
  public long bytes() {
    return last.value() - start.value() + 1;
  }

  /** Whether code can be written and then executed here. */
  public boolean isWritableAndExecutable() {
    return permissions.writable() && permissions.executable();
  }

  /** Whether user mode reaches into the half of the space that is the kernel's by custom. */
  public boolean isUserInUpperHalf() {
    return permissions.user() && start.value() < 0;
  }

  private static boolean isGlobal(MappedPage page) {
    return (page.entry() & PageTableEntry.GLOBAL) != 0;
  }
}
