package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmArith;

/**
 * The page tables of one address space in guest RAM. All page directories of the kernel are
 * adjacent and shared by all address spaces, so the directory entry of a kernel address is found by
 * arithmetic, as upstream finds it through the recursive slot; other addresses are walked to from
 * the root. The guest CPU sets A and M behind our back: entries that may be in use are changed by
 * atomic exchange.
 */
public final class PageTables {

  /** The address bit from which on the root table is indexed. */
  public static final int PML4_SHIFT = 39;

  /** The address bit from which on a page-directory-pointer table is indexed. */
  public static final int PDP_SHIFT = 30;

  /** The address bit from which on a page directory is indexed. */
  public static final int PD_SHIFT = 21;

  /** The address bits that index one table. */
  public static final int LEVEL_BITS = 9;

  private static final long INDEX_MASK = 511;

  private final PhysicalMemory ram;
  private final PhysicalAddress pml4;
  private final long directories;

  /**
   * Takes over tables that {@link PmapBootstrap} built.
   *
   * @param pml4 what CR3 holds
   * @param directories the first of the kernel's {@link KvaLayout#KERNEL_DIRECTORIES}
   */
  PageTables(PhysicalMemory ram, PhysicalAddress pml4, PhysicalAddress directories) {
    this.ram = ram;
    this.pml4 = pml4;
    this.directories = directories.value();
  }

  /** Returns tables with a root of their own and the same kernel directories. */
  public PageTables withRoot(PhysicalAddress root) {
    return new PageTables(ram, root, new PhysicalAddress(directories));
  }

  /** Returns the physical address of the root table. */
  public PhysicalAddress pml4() {
    return pml4;
  }

  /** Whether {@code va} is in the part of the address space that all tables share. */
  public static boolean covers(long va) {
    return !VmArith.below(va, KvaLayout.KVA_START);
  }

  /** {@code pmap_pde}: where the page-directory entry of {@code va} is, 0 without a directory. */
  public long pdeAddress(long va) {
    return covers(va)
        ? directories + ((va - KvaLayout.KVA_START) >>> 21) * Long.BYTES
        : slotAddress(va, PD_SHIFT);
  }

  /** Returns the page-directory entry of {@code va}, 0 without a directory. */
  public long pde(long va) {
    long address = pdeAddress(va);
    return address == 0 ? 0 : load(address);
  }

  /**
   * Walks from the root to the entry that maps {@code 1 << shift} bytes around {@code va}.
   *
   * @param shift 39, 30 or 21
   * @return where the entry is, 0 when a table above it is missing
   */
  public long slotAddress(long va, int shift) {
    long table = pml4.value();
    for (int at = PML4_SHIFT; ; at -= LEVEL_BITS) {
      long slot = table + ((va >>> at) & INDEX_MASK) * Long.BYTES;
      if (at == shift) {
        return slot;
      }
      long entry = load(slot);
      if (!isTable(entry)) {
        return 0;
      }
      table = entry & PteBits.FRAME;
    }
  }

  /** Returns the end of the largest hole around {@code va} that a missing table makes. */
  public long endOfHole(long va) {
    int shift = slotAddress(va, PDP_SHIFT) == 0 ? PML4_SHIFT : PDP_SHIFT;
    return ((va >>> shift) + 1) << shift;
  }

  /** Where the page-table entry of {@code va} is, given the valid entry of its table. */
  public static long pteAddress(long pde, long va) {
    return (pde & PteBits.FRAME) + ((va >>> VmArith.PAGE_SHIFT) & INDEX_MASK) * Long.BYTES;
  }

  /** Whether {@code pde} points to a page table. */
  public static boolean isTable(long pde) {
    return (pde & (PteBits.V | PteBits.PS)) == PteBits.V;
  }

  /** Reads an entry. */
  public long load(long address) {
    return ram.load64(address);
  }

  /** Writes an entry that nobody else changes meanwhile. */
  public void store(long address, long entry) {
    ram.store64(new PhysicalAddress(address), entry);
  }

  /** {@code pte_load_store}: replaces an entry and returns the old one, A and M included. */
  public long exchange(long address, long entry) {
    return ram.getAndSet64(address, entry);
  }

  /** Clears and sets bits of an entry without losing an A or M that comes meanwhile. */
  public long update(long address, long clear, long set) {
    while (true) {
      long old = load(address);
      if (ram.compareAndSet64(address, old, (old & ~clear) | set)) {
        return old;
      }
    }
  }

  /** Sets a page to zero. */
  public void zeroPage(long pa) {
    ram.zero(pa, VmArith.PAGE_SIZE);
  }

  /** Returns the page-table entry that maps {@code va}, 0 without a page table. */
  public long pte(long va) {
    long pde = pde(va);
    return isTable(pde) ? load(pteAddress(pde, va)) : 0;
  }

  /** Returns the physical address that {@code va} is mapped to, 0 when it isn't mapped. */
  public long extract(long va) {
    long pde = pde(va);
    if ((pde & PteBits.V) == 0) {
      return 0;
    }
    if ((pde & PteBits.PS) != 0) {
      return (pde & PteBits.FRAME & -KvaLayout.NBPDR) | (va & (KvaLayout.NBPDR - 1));
    }
    long pte = load(pteAddress(pde, va));
    return (pte & PteBits.V) == 0 ? 0 : (pte & PteBits.FRAME) | (va & VmArith.PAGE_MASK);
  }
}
