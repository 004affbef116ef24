package dev.kmemu.cli.monitor;

import dev.kmemu.emulator.mmu.MappedPage;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableScan;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the current page tables map, as QEMU's {@code info tlb} and {@code info mem} print it. */
final class TableListing {

  /** As many as 16 GiB of 4 KiB pages need; a longer list is no answer for a person. */
  private static final long MOST_ENTRIES = 4L << 20;

  private final PausedCpu cpu;
  private final PagingMode mode;
  private final StringBuilder text = new StringBuilder();
  private @Nullable MappedPage first;
  private @Nullable MappedPage last;

  TableListing(PausedCpu cpu) {
    this.cpu = cpu;
    this.mode = cpu.paging();
  }

  /** Returns a line for each page. */
  String pages() {
    return scan(this::page);
  }

  /** Returns a line for each range of neighbours with equal rights. */
  String ranges() {
    return scan(this::merge);
  }

  private String scan(Consumer<MappedPage> visitor) {
    if (mode.kind() == PagingMode.Kind.OFF) {
      return "PG disabled\n";
    }
    boolean complete;
    try {
      complete = new PageTableScan(cpu.machine().ram(), MOST_ENTRIES).scan(mode, visitor);
    } catch (IllegalArgumentException e) {
      throw new MonitorException(String.valueOf(e.getMessage()));
    }
    range();
    if (!complete) {
      text.append("(and more: ").append(MOST_ENTRIES).append(" entries are the limit)\n");
    }
    return text.toString();
  }

  private void page(MappedPage page) {
    long entry = page.entry();
    text.append(String.format("%016x: %016x ", page.start().value(), page.frame().value()));
    flag(entry, PageTableEntry.NO_EXECUTE, 'X');
    flag(entry, PageTableEntry.GLOBAL, 'G');
    text.append(page.bytes() > 4096 ? 'P' : '-');
    flag(entry, PageTableEntry.DIRTY, 'D');
    flag(entry, PageTableEntry.ACCESSED, 'A');
    flag(entry, PageTableEntry.CACHE_DISABLE, 'C');
    flag(entry, PageTableEntry.WRITE_THROUGH, 'T');
    flag(entry, PageTableEntry.USER, 'U');
    flag(entry, PageTableEntry.WRITABLE, 'W');
    text.append('\n');
  }

  private void flag(long entry, long bit, char letter) {
    text.append((entry & bit) != 0 ? letter : '-');
  }

  private void merge(MappedPage page) {
    MappedPage before = last;
    if (first == null || before == null || !continues(before, page)) {
      range();
      first = page;
    }
    last = page;
  }

  private static boolean continues(MappedPage before, MappedPage page) {
    return before.last().plus(1).equals(page.start())
        && before.permissions().user() == page.permissions().user()
        && before.permissions().writable() == page.permissions().writable();
  }

  private void range() {
    MappedPage from = first;
    MappedPage to = last;
    if (from != null && to != null) {
      long start = from.start().value();
      long end = to.last().value() + 1;
      text.append(
          String.format(
              "%016x-%016x %016x %cr%c%n",
              start,
              end,
              end - start,
              from.permissions().user() ? 'u' : '-',
              from.permissions().writable() ? 'w' : '-'));
    }
    first = null;
    last = null;
  }
}
