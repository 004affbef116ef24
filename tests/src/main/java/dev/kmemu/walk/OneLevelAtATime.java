package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every combination of ten bits at one level, while the other levels allow everything: for each
 * level and each kind of access.
 */
public final class OneLevelAtATime implements EntrySource {

  private static final long[] BITS = {
    PageTableEntry.PRESENT,
    PageTableEntry.WRITABLE,
    PageTableEntry.USER,
    PageTableEntry.NO_EXECUTE,
    PageTableEntry.PAGE_SIZE,
    PageTableEntry.ACCESSED,
    PageTableEntry.DIRTY,
    PageTableEntry.GLOBAL,
    1L << 47, // reserved
    PageTableEntry.PAT_LARGE
  };
  private static final long OPEN =
      PageTableEntry.PRESENT | PageTableEntry.WRITABLE | PageTableEntry.USER;
  private static final PageTableLevel[] LEVELS = PageTableLevel.values();
  private static final int PATTERNS = 1 << BITS.length;
  private static final AccessKind[] KINDS = AccessKind.values();

  /** How many there are. */
  public static final int COMBINATIONS = LEVELS.length * PATTERNS * KINDS.length;

  private int done;

  @Override
  public @Nullable Combination next(int slot) {
    if (done == COMBINATIONS) {
      return null;
    }
    int number = done++;
    AccessKind kind = KINDS[number % KINDS.length];
    int pattern = number / KINDS.length % PATTERNS;
    PageTableLevel chosen = LEVELS[number / KINDS.length / PATTERNS];
    return Combination.of(
        level ->
            EntryBits.withAddress(
                slot,
                level,
                level == chosen ? bits(pattern, level) : OPEN,
                number % WalkLayout.FRAMES),
        List.of(kind));
  }

  private static long bits(int pattern, PageTableLevel level) {
    long bits = 0;
    for (int i = 0; i < BITS.length; i++) {
      if ((pattern >> i & 1) != 0) {
        bits |= BITS[i];
      }
    }
    boolean largePage = level != PageTableLevel.PT && PageTableEntry.isLeaf(bits, level);
    if (!largePage && (bits & PageTableEntry.PAT_LARGE) != 0) {
      // Elsewhere the bit belongs to the address; PWT is the PAT's other index bit there.
      bits ^= PageTableEntry.PAT_LARGE | PageTableEntry.WRITE_THROUGH;
    }
    return bits;
  }
}
