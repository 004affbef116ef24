package dev.kmemu.walk;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableLevel;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * One entry for each level, and what is done through them. Entries below one that maps a page or
 * isn't present mustn't matter.
 *
 * @param pml4e the top entry
 * @param pdpte the next one
 * @param pde the next one
 * @param pte the last one
 * @param accesses one after the other without a flush in between
 */
public record Combination(long pml4e, long pdpte, long pde, long pte, List<AccessKind> accesses) {

  /** Asks for each entry, from the top. */
  static Combination of(ToLongFunction<PageTableLevel> entries, List<AccessKind> accesses) {
    long pml4e = entries.applyAsLong(PageTableLevel.PML4);
    long pdpte = entries.applyAsLong(PageTableLevel.PDPT);
    long pde = entries.applyAsLong(PageTableLevel.PD);
    long pte = entries.applyAsLong(PageTableLevel.PT);
    return new Combination(pml4e, pdpte, pde, pte, accesses);
  }

  /** Returns the entry of a level. */
  public long entry(PageTableLevel level) {
    return switch (level) {
      case PML4 -> pml4e;
      case PDPT -> pdpte;
      case PD -> pde;
      case PT -> pte;
    };
  }
}
