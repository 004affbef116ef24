package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Entries with random bits, used up to three times in a row: what a walk has put into the TLB must
 * not change the answer. What ends a walk early is rare at each level, so that all levels matter.
 * Endless.
 */
public final class RandomEntries implements EntrySource {

  private static final int MOST_ACCESSES = 3;
  private static final AccessKind[] KINDS = AccessKind.values();

  /** The bits that belong to software or to the memory type: 3, 4, 9 to 11 and 52 to 62. */
  private static final long HARMLESS = 0x7FF0_0000_0000_0E18L;

  /** The bits from MAXPHYADDR up to 51. */
  private static final long TOO_HIGH = 0x000F_FF00_0000_0000L;

  private final SplittableRandom random;

  /** Makes the sequence that belongs to {@code seed}. */
  public RandomEntries(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public Combination next(int slot) {
    List<AccessKind> accesses = new ArrayList<>(MOST_ACCESSES);
    boolean fetches = false;
    do {
      AccessKind kind = KINDS[random.nextInt(KINDS.length)];
      accesses.add(kind);
      fetches |= kind == AccessKind.FETCH;
    } while (accesses.size() < MOST_ACCESSES && random.nextBoolean());
    boolean staysInRam = fetches;
    return Combination.of(level -> entry(slot, level, staysInRam), accesses);
  }

  private long entry(int slot, PageTableLevel level, boolean staysInRam) {
    long bits = bits(level);
    return EntryBits.withAddress(slot, level, bits, random.nextInt(WalkLayout.FRAMES))
        | (staysInRam ? 0 : outsideRam(bits, level));
  }

  private long bits(PageTableLevel level) {
    long any = random.nextLong();
    long bits =
        (any & (HARMLESS | PageTableEntry.ACCESSED | PageTableEntry.DIRTY | PageTableEntry.GLOBAL))
            | (oneIn(16) ? 0 : PageTableEntry.PRESENT)
            | (oneIn(4) ? 0 : PageTableEntry.WRITABLE)
            | (oneIn(4) ? 0 : PageTableEntry.USER)
            | (oneIn(8) ? PageTableEntry.NO_EXECUTE : 0)
            | (oneIn(48) ? reserved(TOO_HIGH) : 0);
    switch (level) {
      case PML4 -> bits |= oneIn(32) ? PageTableEntry.PAGE_SIZE : 0;
      case PDPT, PD -> {
        if (oneIn(4)) {
          bits |= PageTableEntry.PAGE_SIZE | (any & PageTableEntry.PAT_LARGE);
          bits |= oneIn(16) ? reserved(level.coverage() - 0x2000) : 0;
        }
      }
      case PT -> bits |= random.nextBoolean() ? PageTableEntry.PAT : 0;
    }
    return bits;
  }

  /** Returns at least one bit of {@code mask}. */
  private long reserved(long mask) {
    long many = random.nextLong();
    long few = many & random.nextLong() & mask;
    return few != 0 ? few : Long.highestOneBit(mask);
  }

  /** Moves a page out of RAM, below MAXPHYADDR. */
  private long outsideRam(long bits, PageTableLevel level) {
    return level.mapsPages() && PageTableEntry.isLeaf(bits, level) && oneIn(32)
        ? Long.highestOneBit(random.nextLong(WalkLayout.RAM_BYTES, 1L << 40))
        : 0;
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
