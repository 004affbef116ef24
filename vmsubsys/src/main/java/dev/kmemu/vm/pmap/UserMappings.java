package dev.kmemu.vm.pmap;

/** A walk over the user half of one map's page tables, in the order of addresses. */
public final class UserMappings {

  /** Sees what the tables hold. */
  public interface Visitor {
    /** Receives the entry that maps {@code va}. */
    void visitLeaf(long va, long pte);

    /** Receives a table other than the root, after all it holds. */
    void visitTable(long pa, int entries);
  }

  private static final int USER_SLOTS = 256;
  private static final int SLOTS = 512;

  private UserMappings() {}

  /** Shows every entry that isn't 0, and every table, to {@code visitor}. */
  public static void forEach(PageTables tables, Visitor visitor) {
    walk(tables, visitor, tables.pml4().value(), 0, PageTables.PML4_SHIFT, USER_SLOTS);
  }

  /** Returns the number of entries in the table. */
  private static int walk(
      PageTables tables, Visitor visitor, long table, long base, int shift, int slots) {
    int entries = 0;
    for (int slot = 0; slot < slots; slot++) {
      long entry = tables.load(table + (long) slot * Long.BYTES);
      if (entry == 0) {
        continue;
      }
      entries++;
      long va = base | (long) slot << shift;
      if (shift < PageTables.PD_SHIFT || !PageTables.isTable(entry)) {
        visitor.visitLeaf(va, entry);
      } else {
        long below = entry & PteBits.FRAME;
        int belowShift = shift - PageTables.LEVEL_BITS;
        visitor.visitTable(below, walk(tables, visitor, below, va, belowShift, SLOTS));
      }
    }
    return entries;
  }
}
