package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalMemory;
import org.jspecify.annotations.Nullable;

/**
 * Where the paging structures of a kind of translation are and what their entries say; Intel SDM
 * vol. 3A, 4.3 to 4.5.
 */
enum TableFormat {
  /** Two levels of 1024 entries of 32 bits; a PDE maps 4 MiB when CR4.PSE allows it. */
  TWO_LEVEL(PageTableLevel.PD),
  /** Four PDPTEs, which grant nothing and map nothing, and two levels as in 4-level paging. */
  PAE(PageTableLevel.PDPT),
  /** Four levels of 512 entries of 64 bits. */
  FOUR_LEVEL(PageTableLevel.PML4);

  private static final long FRAME_32 = 0xFFFFF000L;
  private static final long PDPT_ADDRESS = 0xFFFFFFE0L;
  private static final int PDPTES = 4;
  private static final int SHIFT_4_MIB = 22;
  private static final int ENTRIES_32 = 1024;

  /** Bits 20 to 13 of a PDE that maps 4 MiB are bits 39 to 32 of its frame: PSE-36. */
  private static final int PSE_36_SHIFT = 32 - 13;

  private static final int PSE_36_BITS = 40;

  /** Bits 1, 2 and 5 to 8 of a PDPTE of PAE paging. */
  private static final long PDPTE_RESERVED = 0x1E6;

  /** Bits 52 to 62, which belong to software in 4-level paging only. */
  private static final long HIGH_SOFTWARE_BITS = 0x7FF0_0000_0000_0000L;

  private final PageTableLevel top;

  TableFormat(PageTableLevel top) {
    this.top = top;
  }

  /**
   * Returns the format that a CPU in {@code mode} walks, null when there is none or it's unknown.
   */
  static @Nullable TableFormat of(PagingMode mode) {
    return switch (mode.kind()) {
      case TWO_LEVEL -> TWO_LEVEL;
      case PAE -> PAE;
      case FOUR_LEVEL -> FOUR_LEVEL;
      case OFF, FIVE_LEVEL -> null;
    };
  }

  /** Returns the level that a walk starts at. */
  PageTableLevel top() {
    return top;
  }

  /** Returns the physical address of the table that CR3 points to. */
  long topTable(long cr3) {
    return switch (this) {
      case TWO_LEVEL -> cr3 & FRAME_32;
      case PAE -> cr3 & PDPT_ADDRESS;
      case FOUR_LEVEL -> cr3 & PageTableEntry.ADDRESS;
    };
  }

  /** Returns the bytes of a table. */
  long tableBytes(PageTableLevel level) {
    return this == PAE && level == PageTableLevel.PDPT ? PDPTES * (long) Long.BYTES : 4096;
  }

  /** Returns the index of the entry that translates {@code va}. */
  int index(PageTableLevel level, long va) {
    if (this == TWO_LEVEL) {
      return (int) (va >>> shift(level)) & (ENTRIES_32 - 1);
    }
    return level.index(va) & (this == PAE && level == PageTableLevel.PDPT ? PDPTES - 1 : -1);
  }

  /** Returns the bytes of an entry. */
  int entryBytes() {
    return this == TWO_LEVEL ? Integer.BYTES : Long.BYTES;
  }

  /** Reads an entry. */
  long load(PhysicalMemory ram, long at) {
    long aligned = ram.load64(at & -Long.BYTES);
    return this == TWO_LEVEL ? (aligned >>> (8 * (at & 4))) & 0xFFFF_FFFFL : aligned;
  }

  /** Sets bits of an entry unless it has changed; whether it worked. */
  boolean mark(PhysicalMemory ram, long at, long entry, long mark) {
    if (this != TWO_LEVEL) {
      return ram.compareAndSet64(at, entry, entry | mark);
    }
    int shift = (int) (8 * (at & 4));
    long aligned = ram.load64(at & -Long.BYTES);
    return ((aligned >>> shift) & 0xFFFF_FFFFL) == entry
        && ram.compareAndSet64(at & -Long.BYTES, aligned, aligned | mark << shift);
  }

  /** Whether a present entry maps a page. */
  boolean isLeaf(PagingMode mode, long entry, PageTableLevel level) {
    return switch (this) {
      case TWO_LEVEL ->
          PageTableEntry.isLeaf(entry, level)
              && (level == PageTableLevel.PT || mode.hasLargePages());
      case PAE -> level != PageTableLevel.PDPT && PageTableEntry.isLeaf(entry, level);
      case FOUR_LEVEL -> PageTableEntry.isLeaf(entry, level);
    };
  }

  /** Returns the bits that a present entry must have clear. */
  long reservedBits(PagingMode mode, long entry, PageTableLevel level) {
    return switch (this) {
      case TWO_LEVEL ->
          level == PageTableLevel.PD && isLeaf(mode, entry, level)
              ? coverage(level) - (1L << (13 + frameBits(mode) - 32))
              : 0;
      case PAE ->
          level == PageTableLevel.PDPT
              ? mode.reservedBits(0, PageTableLevel.PT)
                  | PageTableEntry.NO_EXECUTE
                  | HIGH_SOFTWARE_BITS
                  | PDPTE_RESERVED
              : mode.reservedBits(entry, level) | HIGH_SOFTWARE_BITS;
      case FOUR_LEVEL -> mode.reservedBits(entry, level);
    };
  }

  /** Returns the R/W, U/S and XD that an entry adds to the others' in a walk. */
  long permissions(long entry, PageTableLevel level) {
    return this == PAE && level == PageTableLevel.PDPT
        ? PageTableEntry.WRITABLE | PageTableEntry.USER
        : entry;
  }

  /** Returns the table that a present entry points to. */
  long table(long entry) {
    return this == TWO_LEVEL ? entry & FRAME_32 : PageTableEntry.tableAddress(entry);
  }

  /** Returns the frame that a leaf maps. */
  long frame(long entry, PageTableLevel level) {
    if (this == TWO_LEVEL && level == PageTableLevel.PD) {
      return (entry & FRAME_32 & -coverage(level)) | (entry & 0x1F_E000L) << PSE_36_SHIFT;
    }
    return PageTableEntry.frameAddress(entry, level);
  }

  /** Returns the bytes that an entry covers. */
  long coverage(PageTableLevel level) {
    return 1L << shift(level);
  }

  private int shift(PageTableLevel level) {
    return this == TWO_LEVEL && level == PageTableLevel.PD ? SHIFT_4_MIB : level.shift();
  }

  private static int frameBits(PagingMode mode) {
    return Math.min(PSE_36_BITS, mode.physicalAddressBits());
  }
}
