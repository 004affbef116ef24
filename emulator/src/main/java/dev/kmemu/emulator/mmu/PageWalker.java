package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.TranslationMiss.NonCanonical;
import dev.kmemu.emulator.mmu.TranslationMiss.NotPresent;
import dev.kmemu.emulator.mmu.TranslationMiss.ReservedBits;
import dev.kmemu.emulator.mmu.TranslationMiss.TableOutsideRam;
import dev.kmemu.emulator.mmu.TranslationMiss.UnsupportedPaging;
import java.util.ArrayList;
import java.util.List;

/**
 * Walks page tables in guest RAM as the CPU does; Intel SDM vol. 3A, 4.5. Only {@link
 * #translateForWrite} sets A and D. It knows nothing of TLBs: it says what the tables say now.
 * Callable from any thread; entries that change during a walk may be seen old or new, each one
 * whole.
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
    return switch (mode.kind()) {
      case OFF -> unpaged(address);
      case FOUR_LEVEL -> walkFourLevels(mode, address);
      case TWO_LEVEL, PAE, FIVE_LEVEL ->
          new Translation.NotMapped(new UnsupportedPaging(mode.kind()), List.of());
    };
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
    PagingMode.Kind kind = mode.kind();
    if (kind == PagingMode.Kind.OFF) {
      return va & LINEAR_32_BITS;
    }
    if (kind != PagingMode.Kind.FOUR_LEVEL || (va >> 47 != 0 && va >> 47 != -1)) {
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

  private Translation walkFourLevels(PagingMode mode, VirtualAddress address) {
    if (!address.isCanonical()) {
      return new Translation.NotMapped(new NonCanonical(address), List.of());
    }
    List<LevelEntry> levels = new ArrayList<>(PageTableLevel.values().length);
    long every = -1L;
    long any = 0;
    PageTableLevel level = PageTableLevel.PML4;
    long table = mode.topTable().value();
    while (true) {
      if (!isTableInRam(table)) {
        return miss(new TableOutsideRam(level, new PhysicalAddress(table)), levels);
      }
      int index = level.index(address.value());
      PhysicalAddress at = new PhysicalAddress(table + Long.BYTES * (long) index);
      long entry = ram.load64(at);
      levels.add(new LevelEntry(level, index, at, entry));
      if (!PageTableEntry.isPresent(entry)) {
        return miss(new NotPresent(level), levels);
      }
      long reserved = entry & mode.reservedBits(entry, level);
      if (reserved != 0) {
        return miss(new ReservedBits(level, reserved), levels);
      }
      every &= entry;
      any |= entry;
      if (PageTableEntry.isLeaf(entry, level)) {
        return mapped(mode, address, level, entry, permissions(every, any), levels);
      }
      table = PageTableEntry.tableAddress(entry);
      level = level.next();
    }
  }

  private static Translation mapped(
      PagingMode mode,
      VirtualAddress address,
      PageTableLevel level,
      long leaf,
      Permissions permissions,
      List<LevelEntry> levels) {
    long offset = address.value() & (level.coverage() - 1);
    return new Translation.Mapped(
        new PhysicalAddress(PageTableEntry.frameAddress(leaf, level) | offset),
        level.coverage(),
        permissions,
        mode.hasGlobalPages() && (leaf & PageTableEntry.GLOBAL) != 0,
        (leaf & PageTableEntry.ACCESSED) != 0,
        (leaf & PageTableEntry.DIRTY) != 0,
        List.copyOf(levels));
  }

  private static Permissions permissions(long every, long any) {
    return new Permissions(
        (every & PageTableEntry.WRITABLE) != 0,
        (every & PageTableEntry.USER) != 0,
        (any & PageTableEntry.NO_EXECUTE) == 0);
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

  private static Translation miss(TranslationMiss reason, List<LevelEntry> levels) {
    return new Translation.NotMapped(reason, List.copyOf(levels));
  }

  private boolean isTableInRam(long table) {
    return table <= ram.size() - VirtualAddress.PAGE_SIZE;
  }
}
