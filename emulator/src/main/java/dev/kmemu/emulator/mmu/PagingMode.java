package dev.kmemu.emulator.mmu;

import dev.kmemu.emulator.memory.PhysicalAddress;

/**
 * What the registers say about address translation; Intel SDM vol. 3A, 4.1. Immutable, so that a
 * caller keeps one until a register changes.
 *
 * @param cr0 CR0: PG and WP count
 * @param cr3 CR3: the physical address of the top table
 * @param cr4 CR4: PSE, PAE, PGE, LA57, SMEP and SMAP count
 * @param efer IA32_EFER: LME and NXE count
 * @param rflags RFLAGS: AC counts
 * @param physicalAddressBits MAXPHYADDR, 36 to 52: entry bits from there to 51 are reserved
 */
public record PagingMode(
    long cr0, long cr3, long cr4, long efer, long rflags, int physicalAddressBits) {

  /** MAXPHYADDR of the emulated CPU. */
  public static final int PHYSICAL_ADDRESS_BITS = 40;

  /** CR0.WP: supervisor writes obey R/W. */
  public static final long CR0_WP = 1L << 16;

  /** CR0.PG: paging is on. */
  public static final long CR0_PG = 1L << 31;

  /** CR4.PSE: 4 MiB pages in 32-bit paging; 4-level paging ignores it. */
  public static final long CR4_PSE = 1L << 4;

  /** CR4.PAE: 64-bit entries. */
  public static final long CR4_PAE = 1L << 5;

  /** CR4.PGE: global pages. */
  public static final long CR4_PGE = 1L << 7;

  /** CR4.LA57: 5-level paging. */
  public static final long CR4_LA57 = 1L << 12;

  /** CR4.SMEP: no supervisor fetches from user pages. */
  public static final long CR4_SMEP = 1L << 20;

  /** CR4.SMAP: no supervisor data accesses to user pages while RFLAGS.AC is clear. */
  public static final long CR4_SMAP = 1L << 21;

  /** EFER.LME: long mode once paging is on. */
  public static final long EFER_LME = 1L << 8;

  /** EFER.NXE: XD works. */
  public static final long EFER_NXE = 1L << 11;

  /** RFLAGS.AC. */
  public static final long RFLAGS_AC = 1L << 18;

  /** The kinds of translation that CR0, CR4 and EFER choose from. */
  public enum Kind {
    /** CR0.PG is clear: a linear address is the physical one. */
    OFF,
    /** 32-bit paging, two levels. */
    TWO_LEVEL,
    /** PAE paging, three levels. */
    PAE,
    /** 4-level paging. */
    FOUR_LEVEL,
    /** 5-level paging: the only one that {@link PageWalker} doesn't walk. */
    FIVE_LEVEL
  }

  /** Checks MAXPHYADDR. */
  public PagingMode {
    if (physicalAddressBits < 36 || physicalAddressBits > 52) {
      throw new IllegalArgumentException(
          "MAXPHYADDR must be 36 to 52 bits, got " + physicalAddressBits);
    }
  }

  /** Returns the same with other tables. */
  public PagingMode withCr3(long tables) {
    return new PagingMode(cr0, tables, cr4, efer, rflags, physicalAddressBits);
  }

  /** Returns the mode of a CPU with {@link #PHYSICAL_ADDRESS_BITS}. */
  public static PagingMode of(long cr0, long cr3, long cr4, long efer, long rflags) {
    return new PagingMode(cr0, cr3, cr4, efer, rflags, PHYSICAL_ADDRESS_BITS);
  }

  /**
   * Returns the mode of these registers with AC clear: this one where they say the same, so that
   * who asks often allocates nothing.
   */
  public PagingMode following(long cr0, long cr3, long cr4, long efer) {
    boolean same =
        this.cr3 == cr3
            && this.cr0 == cr0
            && this.cr4 == cr4
            && this.efer == efer
            && this.rflags == 0;
    return same ? this : of(cr0, cr3, cr4, efer, 0);
  }

  /** Returns the kind of translation. */
  public Kind kind() {
    if ((cr0 & CR0_PG) == 0) {
      return Kind.OFF;
    }
    if ((cr4 & CR4_PAE) == 0) {
      return Kind.TWO_LEVEL;
    }
    if ((efer & EFER_LME) == 0) {
      return Kind.PAE;
    }
    return (cr4 & CR4_LA57) == 0 ? Kind.FOUR_LEVEL : Kind.FIVE_LEVEL;
  }

  /** Returns the physical address of the top table. */
  public PhysicalAddress topTable() {
    TableFormat format = TableFormat.of(this);
    return new PhysicalAddress(
        format == null ? cr3 & PageTableEntry.ADDRESS : format.topTable(cr3));
  }

  /** Whether a PDE of 32-bit paging may map a page. */
  public boolean hasLargePages() {
    return (cr4 & CR4_PSE) != 0;
  }

  /** Whether supervisor writes obey R/W. */
  public boolean isWriteProtected() {
    return (cr0 & CR0_WP) != 0;
  }

  /** Whether entries may be global. */
  public boolean hasGlobalPages() {
    return (cr4 & CR4_PGE) != 0;
  }

  /** Whether XD is a permission; without it the bit is reserved, or not there in 32-bit paging. */
  public boolean hasNoExecute() {
    return (efer & EFER_NXE) != 0 && (cr4 & CR4_PAE) != 0;
  }

  /** Whether supervisor fetches from user pages fault. */
  public boolean preventsSupervisorFetch() {
    return (cr4 & CR4_SMEP) != 0;
  }

  /** Whether explicit supervisor data accesses to user pages fault. */
  public boolean preventsSupervisorAccess() {
    return (cr4 & CR4_SMAP) != 0 && (rflags & RFLAGS_AC) == 0;
  }

  /** Returns the bits that a present entry of 4-level paging must have clear. */
  public long reservedBits(long entry, PageTableLevel level) {
    long reserved = PageTableEntry.ADDRESS & -(1L << physicalAddressBits);
    if (!hasNoExecute()) {
      reserved |= PageTableEntry.NO_EXECUTE;
    }
    if (level == PageTableLevel.PML4) {
      return reserved | PageTableEntry.PAGE_SIZE;
    }
    if (level != PageTableLevel.PT && PageTableEntry.isLeaf(entry, level)) {
      return reserved
          | (PageTableEntry.ADDRESS & (level.coverage() - 1) & ~PageTableEntry.PAT_LARGE);
    }
    return reserved;
  }
}
