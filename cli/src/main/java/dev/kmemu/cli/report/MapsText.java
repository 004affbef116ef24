package dev.kmemu.cli.report;

import dev.kmemu.emulator.machine.Machine;
import dev.kmemu.emulator.mmu.AddressSpaceMap;
import dev.kmemu.emulator.mmu.MappedRange;
import dev.kmemu.emulator.mmu.PageCounts;
import dev.kmemu.emulator.mmu.PageTableScan;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.List;
import java.util.Locale;

/** What a guest's page tables map, as people read it. */
public final class MapsText {

  /** As many as 16 GiB of 4 KiB pages need; tables that contain each other have no end. */
  private static final long MOST_ENTRIES = 4L << 20;

  private static final int MOST_RANGES = 2000;
  private static final String[] UNITS = {"K", "M", "G", "T"};
  private static final int UNIT = 1024;

  private MapsText() {}

  /** Returns the address space of the CPU as it is now; a running CPU is held meanwhile. */
  public static String of(Machine machine) {
    return machine.onCpu(
        cpu -> {
          var state = cpu.state();
          PagingMode mode =
              PagingMode.of(state.cr0(), state.cr3(), state.cr4(), state.efer(), state.rflags());
          return of(machine, mode);
        });
  }

  /** Returns the address space that {@code mode} selects. */
  public static String of(Machine machine, PagingMode mode) {
    if (mode.kind() == PagingMode.Kind.OFF) {
      return "paging is off: linear addresses are physical ones\n";
    }
    try {
      return text(mode, AddressSpaceMap.of(new PageTableScan(machine.ram(), MOST_ENTRIES), mode));
    } catch (IllegalArgumentException e) {
      return e.getMessage() + "\n";
    }
  }

  private static String text(PagingMode mode, AddressSpaceMap map) {
    StringBuilder text = new StringBuilder();
    text.append(String.format("cr3 0x%x, %s paging%n", mode.cr3(), name(mode.kind())));
    List<MappedRange> ranges = map.ranges();
    for (MappedRange range : ranges.subList(0, Math.min(ranges.size(), MOST_RANGES))) {
      text.append(line(range));
    }
    if (ranges.size() > MOST_RANGES) {
      text.append(String.format("... and %d more ranges%n", ranges.size() - MOST_RANGES));
    }
    text.append(String.format("%d ranges, pages: %s%n", ranges.size(), counts(map.pages())));
    finding(text, map.writableAndExecutable(), "writable and executable");
    finding(text, map.userInUpperHalf(), "open to user mode in the upper half");
    if (!map.isComplete()) {
      text.append(String.format("(and more: %d entries are the limit)%n", MOST_ENTRIES));
    }
    return text.toString();
  }

  private static String line(MappedRange range) {
    return String.format(
        "%016x-%016x %6s %cr%c%c%c  %s at 0x%x%s%s%n",
        range.start().value(),
        range.last().value(),
        size(range.bytes()),
        range.permissions().user() ? 'u' : '-',
        range.permissions().writable() ? 'w' : '-',
        range.permissions().executable() ? 'x' : '-',
        range.global() ? 'g' : '-',
        counts(range.pages()),
        range.frame().value(),
        range.contiguous() ? "" : " and elsewhere",
        range.isWritableAndExecutable() ? "  W+X" : "");
  }

  private static void finding(StringBuilder text, List<MappedRange> ranges, String what) {
    long bytes = ranges.stream().mapToLong(MappedRange::bytes).sum();
    text.append(
        ranges.isEmpty()
            ? String.format("%s: none%n", what)
            : String.format("%s: %d ranges, %s%n", what, ranges.size(), size(bytes)));
  }

  private static String name(PagingMode.Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String counts(PageCounts pages) {
    StringBuilder text = new StringBuilder();
    count(text, pages.huge(), "1G");
    count(text, pages.large(), "2M");
    count(text, pages.small(), "4K");
    return text.length() == 0 ? "none" : text.toString();
  }

  private static void count(StringBuilder text, long pages, String size) {
    if (pages > 0) {
      text.append(text.length() == 0 ? "" : " + ").append(pages).append('x').append(size);
    }
  }

  private static String size(long bytes) {
    long rest = bytes / UNIT;
    int unit = 0;
    while (rest >= UNIT && rest % UNIT == 0 && unit < UNITS.length - 1) {
      rest /= UNIT;
      unit++;
    }
    return rest + UNITS[unit];
  }
}
