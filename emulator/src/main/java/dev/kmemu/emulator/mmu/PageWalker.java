package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.TranslationMiss.UnsupportedPaging;
import java.util.List;

/**
 * Walks page tables in guest RAM as the CPU does: 32-bit, PAE and 4-level paging; Intel SDM vol.
 * 3A, 4.3 to 4.5. Only {@link #translateForWrite} sets A and D. It knows nothing of TLBs: it says
 * what the tables say now, the four PDPTEs of PAE paging included, which a CPU loads with CR3 and
 * doesn't look at again. Callable from any thread; entries that change during a walk may be seen
 * old or new, each one whole.
 */
public final class PageWalker {

  /** What {@link #translate} returns for an address without a translation. */
  public static final long UNMAPPED = -1L;

  private static final long LINEAR_32_BITS = 0xFFFFFFFFL;

  private final PhysicalMemory ram;

  /** Walks tables in {@code ram}. */
  public PageWalker(PhysicalMemory ram) {
    this.ram = ram;
  }

  /** Translates {@code address} and says how, or why not. */
  public Translation walk(PagingMode mode, VirtualAddress address) {
    TableFormat format = TableFormat.of(mode);
    if (format != null) {
      return new ExplainedWalk(ram, mode, format).walk(address);
    }
    return mode.kind() == PagingMode.Kind.OFF
        ? unpaged(address)
        : new Translation.NotMapped(new UnsupportedPaging(mode.kind()), List.of());
  }

  /**
   * Returns the physical address of {@code va}, or {@link #UNMAPPED}. The same answer as {@link
   * #walk}, without an object that outlives the call: for debuggers' reads of many pages.
   */
  public long translate(PagingMode mode, long va) {
    return translate(mode, va, 0);
  }

  /**
   * As {@link #translate}, and sets A and D of the entry that maps the page, as the CPU does before
   * it writes: whoever owns the tables learns from them that the page isn't what it was.
   */
  public long translateForWrite(PagingMode mode, long va) {
    return translate(mode, va, PageTableEntry.ACCESSED | PageTableEntry.DIRTY);
  }

  private long translate(PagingMode mode, long va, long mark) {
    return switch (mode.kind()) {
      case FOUR_LEVEL -> translateFourLevels(mode, va, mark);
      case TWO_LEVEL -> translate(TableFormat.TWO_LEVEL, mode, va, mark);
      case PAE -> translate(TableFormat.PAE, mode, va, mark);
      case OFF -> va & LINEAR_32_BITS;
      case FIVE_LEVEL -> UNMAPPED;
    };
  }

  private long translate(TableFormat format, PagingMode mode, long va, long mark) {
    PageTableLevel level = format.top();
    long table = format.topTable(mode.cr3());
    while (ram.contains(table, format.tableBytes(level))) {
      long at = table + format.entryBytes() * (long) format.index(level, va);
      long entry = format.load(ram, at);
      if (!PageTableEntry.isPresent(entry)
          || (entry & format.reservedBits(mode, entry, level)) != 0) {
        return UNMAPPED;
      }
      if (!format.isLeaf(mode, entry, level)) {
        table = format.table(entry);
        level = level.next();
      } else if ((entry & mark) == mark || format.mark(ram, at, entry, mark)) {
        return format.frame(entry, level) | (va & (format.coverage(level) - 1));
      }
    }
    return UNMAPPED;
  }

  /** The same for the kind that all kernels here use, without a look at the format. */
  private long translateFourLevels(PagingMode mode, long va, long mark) {
    if (va >> 47 != 0 && va >> 47 != -1) {
      return UNMAPPED;
    }
    PageTableLevel level = PageTableLevel.PML4;
    long table = mode.cr3() & PageTableEntry.ADDRESS;
    while (isTableInRam(table)) {
      // Escape analysis removes the wrapper; the accessor is final and small.
      long at = table + Long.BYTES * (long) level.index(va);
      long entry = ram.load64(new PhysicalAddress(at));
      if (!PageTableEntry.isPresent(entry) || (entry & mode.reservedBits(entry, level)) != 0) {
        return UNMAPPED;
      }
      if (!PageTableEntry.isLeaf(entry, level)) {
        table = PageTableEntry.tableAddress(entry);
        level = level.next();
      } else if ((entry & mark) == mark
          || ram.compareAndSet64(new PhysicalAddress(at), entry, entry | mark)) {
        return PageTableEntry.frameAddress(entry, level) | (va & (level.coverage() - 1));
      }
    }
    return UNMAPPED;
  }

  private static Translation unpaged(VirtualAddress address) {
    return new Translation.Mapped(
        new PhysicalAddress(address.value() & LINEAR_32_BITS),
        VirtualAddress.PAGE_SIZE,
        new Permissions(true, true, true),
        false,
        false,
        false,
        List.of());
  }

  private boolean isTableInRam(long table) {
    return ram.contains(table, VirtualAddress.PAGE_SIZE);
  }
}
