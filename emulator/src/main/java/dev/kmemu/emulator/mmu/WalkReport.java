package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.VirtualAddress;

/** A walk for people to read: a line for each level, then where it leads or why it ends. */
public final class WalkReport {

  private WalkReport() {}

  /** Returns several lines, each ending with a newline. */
  public static String of(PagingMode mode, VirtualAddress address, Translation translation) {
    StringBuilder text = new StringBuilder();
    text.append(address);
    switch (mode.kind()) {
      case FOUR_LEVEL -> text.append(", PML4 table at ").append(mode.topTable());
      case PAE -> text.append(", page-directory-pointer table at ").append(mode.topTable());
      case TWO_LEVEL -> text.append(", page directory at ").append(mode.topTable());
      case OFF, FIVE_LEVEL -> text.append(", paging is ").append(mode.kind());
    }
    text.append('\n');
    for (LevelEntry entry : translation.levels()) {
      text.append(
          String.format(
              mode.kind() == PagingMode.Kind.TWO_LEVEL
                  ? "%-5s [%4d] at %s = 0x%08x  %s\n"
                  : "%-5s [%3d] at %s = 0x%016x  %s\n",
              entry.level().entryName(),
              entry.index(),
              entry.address(),
              entry.value(),
              describe(mode, entry)));
    }
    if (translation instanceof Translation.Mapped mapped) {
      text.append("physical ").append(mapped.physical());
      if (!mapped.levels().isEmpty()) {
        text.append(", ").append(pageSize(mapped.pageBytes())).append(" page, ");
        text.append(mapped.permissions());
        text.append(mapped.global() ? ", global" : "");
      }
    } else {
      text.append("not mapped: ").append(((Translation.NotMapped) translation).reason());
    }
    return text.append('\n').toString();
  }

  private static String describe(PagingMode mode, LevelEntry entry) {
    boolean grantsNothing =
        mode.kind() == PagingMode.Kind.PAE && entry.level() == PageTableLevel.PDPT;
    return grantsNothing && PageTableEntry.isPresent(entry.value())
        ? "present"
        : PageTableEntry.describe(entry.value(), entry.level());
  }

  private static String pageSize(long bytes) {
    return switch (Long.numberOfTrailingZeros(bytes)) {
      case 30 -> "1 GiB";
      case 22 -> "4 MiB";
      case 21 -> "2 MiB";
      default -> "4 KiB";
    };
  }
}
