package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.VirtualAddress;

/** A walk for people to read: a line for each level, then where it leads or why it ends. */
public final class WalkReport {

  private WalkReport() {}

  /** Returns several lines, each ending with a newline. */
  public static String of(PagingMode mode, VirtualAddress address, Translation translation) {
    StringBuilder text = new StringBuilder();
    text.append(address);
    if (mode.kind() == PagingMode.Kind.FOUR_LEVEL) {
      text.append(", PML4 table at ").append(mode.topTable());
    } else {
      text.append(", paging is ").append(mode.kind());
    }
    text.append('\n');
    for (LevelEntry entry : translation.levels()) {
      text.append(
          String.format(
              "%-5s [%3d] at %s = 0x%016x  %s\n",
              entry.level().entryName(),
              entry.index(),
              entry.address(),
              entry.value(),
              PageTableEntry.describe(entry.value(), entry.level())));
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

  private static String pageSize(long bytes) {
    return switch (Long.numberOfTrailingZeros(bytes)) {
      case 30 -> "1 GiB";
      case 21 -> "2 MiB";
      default -> "4 KiB";
    };
  }
}
