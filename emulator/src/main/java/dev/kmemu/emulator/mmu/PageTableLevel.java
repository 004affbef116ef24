package dev.kmemu.emulator.mmu;

/**
 * The levels of 4-level paging from the top; Intel SDM vol. 3A, 4.5. PAE paging starts at the
 * second, 32-bit paging at the third; where their tables differ is {@link TableFormat}'s business.
 */
public enum PageTableLevel {
  /** Page-map level 4: an entry covers 512 GiB and can't map a page. */
  PML4("PML4E", 39, false),
  /** Page-directory-pointer table: an entry covers 1 GiB. */
  PDPT("PDPTE", 30, true),
  /** Page directory: an entry covers 2 MiB. */
  PD("PDE", 21, true),
  /** Page table: an entry maps 4 KiB. */
  PT("PTE", 12, true);

  /** Entries of a table. */
  public static final int ENTRIES = 512;

  private final String entryName;
  private final int shift;
  private final boolean mapsPages;

  PageTableLevel(String entryName, int shift, boolean mapsPages) {
    this.entryName = entryName;
    this.shift = shift;
    this.mapsPages = mapsPages;
  }

  /** Returns the manual's name of an entry at this level. */
  public String entryName() {
    return entryName;
  }

  /** Returns log2 of the bytes that an entry covers. */
  public int shift() {
    return shift;
  }

  /** Returns the bytes that an entry covers. */
  public long coverage() {
    return 1L << shift;
  }

  /** Whether an entry at this level may map a page. */
  public boolean mapsPages() {
    return mapsPages;
  }

  /** Returns the index, 0 to 511, of the entry that translates {@code va}. */
  public int index(long va) {
    return (int) (va >>> shift) & (ENTRIES - 1);
  }

  /**
   * Returns the level below.
   *
   * @throws IllegalStateException for {@link #PT}
   */
  public PageTableLevel next() {
    return switch (this) {
      case PML4 -> PDPT;
      case PDPT -> PD;
      case PD -> PT;
      case PT -> throw new IllegalStateException("there is no level below the page table");
    };
  }
}
