package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.function.Consumer;

/**
 * Goes through everything that page tables map, in the order of linear addresses. Tables outside
 * RAM and entries with reserved bits set map nothing, as for the CPU. Callable from any thread;
 * tables that change meanwhile may be seen old or new.
 */
public final class PageTableScan {

  private static final int CANONICAL_SHIFT = 16;

  private final PhysicalMemory ram;
  private final long mostEntries;

  /**
   * Scans tables in {@code ram}.
   *
   * @param mostEntries present entries to look at, because tables that contain each other can map
   *     the space over and over; above 0
   */
  public PageTableScan(PhysicalMemory ram, long mostEntries) {
    if (mostEntries <= 0) {
      throw new IllegalArgumentException(
          "a scan looks at 1 entry or more, not " + mostEntries + "; give a larger limit");
    }
    this.ram = ram;
    this.mostEntries = mostEntries;
  }

  /**
   * Hands each page to {@code visitor}.
   *
   * @return whether that were all of them; false when the limit was reached
   * @throws IllegalArgumentException when {@code mode} has no tables, or a kind that isn't walked
   */
  public boolean scan(PagingMode mode, Consumer<MappedPage> visitor) {
    TableFormat format = TableFormat.of(mode);
    if (format == null) {
      throw new IllegalArgumentException(
          "paging is " + mode.kind() + ", so there are no tables that can be scanned");
    }
    return new Scan(mode, format, visitor)
        .table(format.top(), format.topTable(mode.cr3()), 0, -1L, 0);
  }

  private final class Scan {

    private final PagingMode mode;
    private final TableFormat format;
    private final Consumer<MappedPage> visitor;
    private long rest = mostEntries;

    Scan(PagingMode mode, TableFormat format, Consumer<MappedPage> visitor) {
      this.mode = mode;
      this.format = format;
      this.visitor = visitor;
    }

    /** Scans one table; {@code every} and {@code any} are the bits of the levels above. */
    boolean table(PageTableLevel level, long table, long base, long every, long any) {
      long bytes = format.tableBytes(level);
      if (!ram.contains(table, bytes)) {
        return true;
      }
      int entries = (int) (bytes / format.entryBytes());
      for (int i = 0; i < entries; i++) {
        long entry = format.load(ram, table + (long) i * format.entryBytes());
        if (!PageTableEntry.isPresent(entry)
            || (entry & format.reservedBits(mode, entry, level)) != 0) {
          continue;
        }
        if (rest-- == 0) {
          return false;
        }
        long va = base + i * format.coverage(level);
        long bits = every & format.permissions(entry, level);
        if (format.isLeaf(mode, entry, level)) {
          visitor.accept(page(va, level, entry, bits, any | entry));
        } else if (!table(level.next(), format.table(entry), va, bits, any | entry)) {
          return false;
        }
      }
      return true;
    }

    private MappedPage page(long va, PageTableLevel level, long leaf, long every, long any) {
      long canonical =
          format == TableFormat.FOUR_LEVEL ? va << CANONICAL_SHIFT >> CANONICAL_SHIFT : va;
      return new MappedPage(
          new VirtualAddress(canonical),
          format.coverage(level),
          leaf,
          new PhysicalAddress(format.frame(leaf, level)),
          ExplainedWalk.permissions(every, any));
    }
  }
}
