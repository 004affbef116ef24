package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import java.util.List;

/** Where a linear address leads, or why it leads nowhere. */
public sealed interface Translation {

  /** Returns the entries that were read, from the top. */
  List<LevelEntry> levels();

  /**
   * The address has a translation; whether an access is allowed is another question, which {@link
   * AccessCheck} answers.
   *
   * @param physical the physical address, which may lie outside RAM
   * @param pageBytes bytes of the page: 4 KiB, 2 MiB, 4 MiB or 1 GiB; 4 KiB without paging
   * @param permissions what all levels allow together
   * @param global whether it survives a CR3 write (G and CR4.PGE)
   * @param accessed the leaf's A
   * @param dirty the leaf's D
   * @param levels the entries from the top, none without paging
   */
  record Mapped(
      PhysicalAddress physical,
      long pageBytes,
      Permissions permissions,
      boolean global,
      boolean accessed,
      boolean dirty,
      List<LevelEntry> levels)
      implements Translation {}

  /**
   * The address has no translation.
   *
   * @param reason why
   * @param levels the entries that were read; the last is the one to blame when the reason names an
   *     entry
   */
  record NotMapped(TranslationMiss reason, List<LevelEntry> levels) implements Translation {}
}
