package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Every combination of R/W, U/S and XD at all four levels, for each kind of access. */
public final class AllPermissions implements EntrySource {

  private static final int BITS_PER_LEVEL = 3;
  private static final int PATTERNS = 1 << (BITS_PER_LEVEL * PageTableLevel.values().length);
  private static final AccessKind[] KINDS = AccessKind.values();

  /** How many there are. */
  public static final int COMBINATIONS = PATTERNS * KINDS.length;

  private int done;

  @Override
  public @Nullable Combination next(int slot) {
    if (done == COMBINATIONS) {
      return null;
    }
    int number = done++;
    int pattern = number / KINDS.length;
    return Combination.of(
        level ->
            EntryBits.withAddress(slot, level, bits(pattern, level), number % WalkLayout.FRAMES),
        List.of(KINDS[number % KINDS.length]));
  }

  private static long bits(int pattern, PageTableLevel level) {
    int three = pattern >> (BITS_PER_LEVEL * WalkLayout.depth(level));
    return PageTableEntry.PRESENT
        | ((three & 1) != 0 ? PageTableEntry.WRITABLE : 0)
        | ((three & 2) != 0 ? PageTableEntry.USER : 0)
        | ((three & 4) != 0 ? PageTableEntry.NO_EXECUTE : 0);
  }
}
