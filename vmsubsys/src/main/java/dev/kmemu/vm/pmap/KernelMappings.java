package dev.kmemu.vm.pmap;

import dev.kmemu.vm.kern.VmArith;

/** A walk over the kernel's 4 KiB mappings, in the order of their addresses. */
public final class KernelMappings {

  /** Sees one valid page-table entry. */
  @FunctionalInterface
  public interface Visitor {
    /** Receives the entry that maps {@code va}. */
    void visit(long va, long pte);
  }

  private static final long TABLES = KvaLayout.KERNEL_DIRECTORIES * 512L;

  private KernelMappings() {}

  /** Shows every valid leaf entry to {@code visitor}, however it was made. */
  public static void forEach(PageTables tables, Visitor visitor) {
    for (long i = 0; i < TABLES; i++) {
      long start = KvaLayout.KVA_START + i * KvaLayout.NBPDR;
      long pde = tables.load(tables.pdeAddress(start));
      if (PageTables.isTable(pde)) {
        for (int j = 0; j < 512; j++) {
          long va = start + j * VmArith.PAGE_SIZE;
          long pte = tables.load(PageTables.pteAddress(pde, va));
          if ((pte & PteBits.V) != 0) {
            visitor.visit(va, pte);
          }
        }
      }
    }
  }
}
