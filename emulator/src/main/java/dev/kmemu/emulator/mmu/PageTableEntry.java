package dev.kmemu.emulator.mmu;

import java.util.StringJoiner;

/**
 * The bits of a paging-structure entry; Intel SDM vol. 3A, 4.5, tables 4-15 to 4-20. Entries are
 * plain {@code long}s, because page tables are read and written on the fault path.
 */
public final class PageTableEntry {

  /** P: the entry is valid; without it all other bits belong to software. */
  public static final long PRESENT = 1L;

  /** R/W: writes are allowed. */
  public static final long WRITABLE = 1L << 1;

  /** U/S: user-mode accesses are allowed. */
  public static final long USER = 1L << 2;

  /** PWT: write-through, an index bit into the PAT. */
  public static final long WRITE_THROUGH = 1L << 3;

  /** PCD: cache disable, an index bit into the PAT. */
  public static final long CACHE_DISABLE = 1L << 4;

  /** A: the CPU used the entry. */
  public static final long ACCESSED = 1L << 5;

  /** D: the CPU wrote to the page; only in entries that map a page. */
  public static final long DIRTY = 1L << 6;

  /** PS: a PDPTE or PDE maps a page; reserved in a PML4E. In a PTE this bit is {@link #PAT}. */
  public static final long PAGE_SIZE = 1L << 7;

  /** PAT in a PTE: an index bit into the PAT. */
  public static final long PAT = 1L << 7;

  /** G: the translation survives a CR3 write when CR4.PGE is set; only in entries that map. */
  public static final long GLOBAL = 1L << 8;

  /** PAT in a PDPTE or PDE that maps a page. */
  public static final long PAT_LARGE = 1L << 12;

  /** XD: instruction fetches aren't allowed; reserved unless EFER.NXE is set. */
  public static final long NO_EXECUTE = 1L << 63;

  /** Bits 51 to 12: the frame or table, before bits above MAXPHYADDR are taken off. */
  public static final long ADDRESS = 0x000FFFFFFFFFF000L;

  private PageTableEntry() {}

  /** Whether the entry is valid. */
  public static boolean isPresent(long entry) {
    return (entry & PRESENT) != 0;
  }

  /** Whether a present entry at {@code level} maps a page and doesn't point to a table. */
  public static boolean isLeaf(long entry, PageTableLevel level) {
    return level == PageTableLevel.PT || (level.mapsPages() && (entry & PAGE_SIZE) != 0);
  }

  /** Returns the physical address of the table that a present entry points to. */
  public static long tableAddress(long entry) {
    return entry & ADDRESS;
  }

  /** Returns the physical address of the page that a leaf at {@code level} maps. */
  public static long frameAddress(long entry, PageTableLevel level) {
    return entry & ADDRESS & -level.coverage();
  }

  /** Returns the entry's flags in words, without its address. */
  public static String describe(long entry, PageTableLevel level) {
    if (!isPresent(entry)) {
      return entry == 0 ? "empty" : "not present";
    }
    StringJoiner words = new StringJoiner(", ");
    words.add("present");
    words.add((entry & WRITABLE) != 0 ? "writable" : "read-only");
    words.add((entry & USER) != 0 ? "user" : "supervisor");
    addIf(words, entry, NO_EXECUTE, "no-execute");
    addIf(words, entry, ACCESSED, "accessed");
    addIf(words, entry, WRITE_THROUGH, "write-through");
    addIf(words, entry, CACHE_DISABLE, "cache-disable");
    if (isLeaf(entry, level)) {
      addIf(words, entry, DIRTY, "dirty");
      addIf(words, entry, GLOBAL, "global");
      addIf(words, entry, level == PageTableLevel.PT ? PAT : PAT_LARGE, "PAT");
    }
    if (level != PageTableLevel.PT) {
      addIf(words, entry, PAGE_SIZE, "page size");
    }
    return words.toString();
  }

  private static void addIf(StringJoiner words, long entry, long bit, String word) {
    if ((entry & bit) != 0) {
      words.add(word);
    }
  }
}
