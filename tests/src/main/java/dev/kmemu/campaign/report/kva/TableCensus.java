package dev.kmemu.campaign.report.kva;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.vm.pmap.PteBits;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Visits pages of page tables in RAM. A broken pmap's entries may lead anywhere: what isn't RAM is
 * left alone, and there is a limit.
 */
final class TableCensus {

  private static final int MOST = 4096;
  private static final int CANONICAL_SHIFT = 16;

  private final PhysicalMemory ram;
  private final List<TablePage> tables = new ArrayList<>();
  private boolean more;

  TableCensus(PhysicalMemory ram) {
    this.ram = ram;
  }

  /** Receives each entry that is present. */
  @FunctionalInterface
  interface Visitor {
    void visit(PageTableLevel level, long va, long entry);
  }

  /**
   * Visits a table and those below it.
   *
   * @param first the first entry that is followed
   * @param end the first behind them that isn't
   */
  void visit(
      String space,
      PageTableLevel level,
      long table,
      long base,
      int first,
      int end,
      Visitor visitor) {
    if (!ram.contains(table, (long) PageTableLevel.ENTRIES * Long.BYTES)) {
      return;
    }
    if (tables.size() == MOST) {
      more = true;
      return;
    }
    BitSet present = new BitSet(PageTableLevel.ENTRIES);
    for (int i = 0; i < PageTableLevel.ENTRIES; i++) {
      present.set(i, (ram.load64(table + (long) i * Long.BYTES) & PteBits.V) != 0);
    }
    tables.add(
        new TablePage(space, level, new VirtualAddress(base), new PhysicalAddress(table), present));
    for (int i = present.nextSetBit(first); i >= 0 && i < end; i = present.nextSetBit(i + 1)) {
      long entry = ram.load64(table + (long) i * Long.BYTES);
      long va = (base + i * level.coverage()) << CANONICAL_SHIFT >> CANONICAL_SHIFT;
      visitor.visit(level, va, entry);
      if (level != PageTableLevel.PT && (entry & PteBits.PS) == 0) {
        PageTableLevel next = level.next();
        visit(space, next, entry & PteBits.FRAME, va, 0, PageTableLevel.ENTRIES, visitor);
      }
    }
  }

  List<TablePage> tables() {
    return tables;
  }

  /** Whether there are tables that weren't looked at. */
  boolean hasMore() {
    return more;
  }
}
