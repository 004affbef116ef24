package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.emulator.mmu.Translation;
import dev.kmemu.emulator.mmu.TranslationMiss.ReservedBits;
import java.util.Optional;

/** Where Unicorn walks otherwise than the manual says; docs/cpu-limits.md has the causes. */
public enum KnownDifference {
  /** A PDPTE that maps a page and has some of bits 29 to 13 set gets A, although it faults. */
  MISALIGNED_GIBIBYTE_IS_ACCESSED;

  private static final long FRAME_BITS_TOO_LOW = PageTableLevel.PDPT.coverage() - 0x2000;

  /** Returns which one a difference is; empty for a new one. */
  public static Optional<KnownDifference> of(Difference difference) {
    return isAccessedInVain(difference)
        ? Optional.of(MISALIGNED_GIBIBYTE_IS_ACCESSED)
        : Optional.empty();
  }

  private static boolean isAccessedInVain(Difference difference) {
    return difference.aspect() == Difference.Aspect.MARKS
        && difference.level() == WalkLayout.depth(PageTableLevel.PDPT)
        && difference.actual() == (difference.expected() | PageTableEntry.ACCESSED)
        && difference.at().walk() instanceof Translation.NotMapped miss
        && miss.reason() instanceof ReservedBits reserved
        && reserved.level() == PageTableLevel.PDPT
        && (reserved.bits() & ~FRAME_BITS_TOO_LOW) == 0;
  }
}
