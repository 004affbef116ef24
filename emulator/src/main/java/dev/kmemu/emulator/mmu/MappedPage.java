package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;

/**
 * A page that page tables map.
 *
 * @param start its linear address, canonical
 * @param bytes its size
 * @param entry the entry that maps it
 * @param frame where it lies in physical memory
 * @param permissions what all levels allow together
 */
public record MappedPage(
    VirtualAddress start, long bytes, long entry, PhysicalAddress frame, Permissions permissions) {

  /** Returns the last address of the page, which may be the last of the space. */
  public VirtualAddress last() {
    return start.plus(bytes - 1);
  }
}
