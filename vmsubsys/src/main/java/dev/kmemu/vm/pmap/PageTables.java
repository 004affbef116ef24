package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmArith;

/**
 * The kernel's page tables in guest RAM. All page directories of the kernel are adjacent, so the
 * directory entry of a kernel address is found by arithmetic, as upstream finds it through the
 * recursive slot. The guest CPU sets A and M behind our back: entries that may be in use are
 * changed by atomic exchange.
 */
public final class PageTables {

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

  /** Returns the physical address of the root table. */
  public PhysicalAddress pml4() {
    return pml4;
  }

  /** Whether {@code va} is in the part of the address space that these tables can map. */
  public static boolean covers(long va) {
    return !VmArith.below(va, KvaLayout.KVA_START);
  }

  /** {@code pmap_pt}: where the page-directory entry of a kernel address is. */
  public long pdeAddress(long va) {
    return directories + ((va - KvaLayout.KVA_START) >>> 21) * Long.BYTES;
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
    return ram.load64(new PhysicalAddress(address));
  }

  /** Writes an entry that nobody else changes meanwhile. */
  public void store(long address, long entry) {
    ram.store64(new PhysicalAddress(address), entry);
  }

  /** {@code pte_load_store}: replaces an entry and returns the old one, A and M included. */
  public long exchange(long address, long entry) {
    return ram.getAndSet64(new PhysicalAddress(address), entry);
  }

  /** Clears and sets bits of an entry without losing an A or M that comes meanwhile. */
  public long update(long address, long clear, long set) {
    while (true) {
      long old = load(address);
      if (ram.compareAndSet64(new PhysicalAddress(address), old, (old & ~clear) | set)) {
        return old;
      }
    }
  }

  /** Sets a page to zero. */
  void zeroPage(long pa) {
    ram.zero(new PhysicalAddress(pa), VmArith.PAGE_SIZE);
  }

  /** Returns the page-table entry that maps {@code va}, 0 without a page table. */
  public long pte(long va) {
    long pde = load(pdeAddress(va));
    return isTable(pde) ? load(pteAddress(pde, va)) : 0;
  }
}
