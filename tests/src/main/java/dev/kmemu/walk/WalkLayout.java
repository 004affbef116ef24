package dev.kmemu.walk;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableLevel;

/**
 * Where things are in the RAM of a {@link WalkMachine}. Each slot has its own PML4E and its own
 * three tables, so that a whole batch needs one flush of the TLB and no entry is touched by
 * anything but its own access.
 *
 * <p>Whatever the size of a slot's page, its address leads into a landing page: a frame of 4 KiB
 * that holds its own physical address in each word, and a little code at the end.
 */
final class WalkLayout {

  /** Slots are numbered from 1 to this. */
  static final int SLOTS = 480;

  /** RAM that reaches beyond 4 GiB, most of it never touched. */
  static final long RAM_BYTES = 8L << 30;

  static final long PML4 = 0x1000;
  static final long GDT = 0x2000;
  static final long STACK_TOP = 0x3F00;
  static final long CODE = 0x4000;
  static final long PROGRESS = 0x5000;
  static final long QUEUE = 0x10_0000;
  static final long ITEM_BYTES = 32;

  /** Offset of the landing pages' code. */
  static final long LANDING_CODE = 0xFC0;

  private static final long TABLES = 2L << 20;
  private static final int BITS_PER_LEVEL = 9;
  private static final int PDPT_INDEX = 2;
  private static final int PD_INDEX = 8;
  private static final int PT_INDEX = 5;
  private static final int[] INDEXES = {0, PDPT_INDEX, PD_INDEX, PT_INDEX};
  private static final long LARGE_OFFSET = (long) PT_INDEX << 12;
  private static final long HUGE_OFFSET = (long) PD_INDEX << 21;

  /** Frames of 2 MiB with a landing page; the first eight are also in a frame of 1 GiB each. */
  static final int FRAMES = 16;

  static final int HUGE_FRAMES = 8;

  private WalkLayout() {}

  /** Returns the number of a level from the top, from 0. */
  static int depth(PageTableLevel level) {
    return (PageTableLevel.PML4.shift() - level.shift()) / BITS_PER_LEVEL;
  }

  /** Returns the address that an access of a kind goes to. */
  static long address(int slot, AccessKind kind) {
    long page = (long) slot << 39 | (long) PDPT_INDEX << 30 | (long) PD_INDEX << 21 | LARGE_OFFSET;
    return (page | (kind == AccessKind.FETCH ? LANDING_CODE : slot * 8L)) << 16 >> 16;
  }

  /** Returns where a slot's entry at a level is. */
  static long entryAt(int slot, PageTableLevel level) {
    return level == PageTableLevel.PML4
        ? PML4 + 8L * slot
        : table(slot, level) + 8L * INDEXES[depth(level)];
  }

  /** Returns the slot's table of a level below the top. */
  static long table(int slot, PageTableLevel level) {
    return TABLES + ((slot - 1) * 3L + depth(level) - 1) * VirtualAddress.PAGE_SIZE;
  }

  /**
   * Returns a frame that a page maps.
   *
   * @param level the level of the entry that maps it
   * @param number 0 to {@link #FRAMES}, taken modulo {@link #HUGE_FRAMES} for 1 GiB
   */
  static long frame(PageTableLevel level, int number) {
    long large =
        number < HUGE_FRAMES
            ? ((long) number << 30) + HUGE_OFFSET
            : HUGE_OFFSET + ((number - HUGE_FRAMES + 1L) << 21);
    return switch (level) {
      case PDPT -> (long) (number % HUGE_FRAMES) << 30;
      case PD -> large;
      case PT, PML4 -> large + LARGE_OFFSET;
    };
  }
}
