package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;

/** Gives an entry its address, which depends on what its other bits make of it. */
final class EntryBits {

  private EntryBits() {}

  /**
   * Returns an entry that leads on: to the slot's next table, or to a landing page.
   *
   * @param bits all bits but the address, reserved ones included
   * @param frame number of the frame that it maps, if it maps one
   */
  static long withAddress(int slot, PageTableLevel level, long bits, int frame) {
    boolean maps = level.mapsPages() && PageTableEntry.isLeaf(bits, level);
    return bits | (maps ? WalkLayout.frame(level, frame) : WalkLayout.table(slot, level.next()));
  }
}
