package dev.kmemu.emulator.mmu;

import java.util.List;

/**
 * What an access may leave behind in the entries that translate its address: A and D; Intel SDM
 * vol. 3A, 4.8.
 *
 * <p>An access that succeeds sets A in each of its entries, and D in the one that maps the page if
 * it writes. One that fails sets no D. It may set A, or not, in whatever entries the CPU could have
 * cached on the way: 4.10.3.1 lets it cache those that are present and have no reserved bit set,
 * and wants A set before. No other entry changes.
 */
public final class EntryMarks {

  private EntryMarks() {}

  /** Returns the bits of {@code walk.levels().get(index)} that are set after the access. */
  public static long required(
      Translation walk, AccessOutcome outcome, AccessKind access, int index) {
    List<LevelEntry> levels = walk.levels();
    if (outcome != AccessOutcome.Allowed.INSTANCE || !isMarked(walk, index)) {
      return 0;
    }
    boolean writes = access == AccessKind.WRITE && index == levels.size() - 1;
    return PageTableEntry.ACCESSED | (writes ? PageTableEntry.DIRTY : 0);
  }

  /** Returns the bits of {@code walk.levels().get(index)} that the access may set. */
  public static long permitted(
      Translation walk, AccessOutcome outcome, AccessKind access, int index) {
    if (!isMarked(walk, index)) {
      return 0;
    }
    boolean blamed =
        walk instanceof Translation.NotMapped miss
            && !(miss.reason() instanceof TranslationMiss.TableOutsideRam)
            && index == walk.levels().size() - 1;
    return required(walk, outcome, access, index) | (blamed ? 0 : PageTableEntry.ACCESSED);
  }

  /** Whether the CPU marks an entry: the top ones of PAE paging have no A. */
  private static boolean isMarked(Translation walk, int index) {
    return index > 0 || walk.levels().get(0).level() != PageTableLevel.PDPT;
  }
}
