package dev.kmemu.vm.pmap;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.kern.VmArith;

/**
 * {@code pmap_bootstrap} and {@code create_pagetables} ({@code sys/platform/pc64/x86_64/pmap.c}):
 * builds the first page tables behind what the loader placed in RAM.
 *
 * <p>The page array and the dump bitmap, which upstream maps at {@code virtual_start}, live on the
 * Java heap here; {@code virtual_start} advances past the addresses they would take all the same,
 * so free KVA above the kernel begins where upstream's does for the same RAM.
 */
public final class PmapBootstrap {

  /** {@code sizeof(struct vm_page)} of the era, which {@code nkpt} depends on. */
  static final int SIZEOF_VM_PAGE = 120;

  private static final int TABLES_BEYOND_COMPUTED = 128;
  private static final long GIB = 1L << 30;

  /** One page each for CMAP and /dev/mem, 16 for crash dumps, 64 KiB of message buffer. */
  private static final long FIXED_SLOTS = (1 + 16 + 1 + 16) * VmArith.PAGE_SIZE;

  private static final long TABLE_BITS = PteBits.RW | PteBits.V | PteBits.U;
  private static final long LARGE_BITS = PteBits.RW | PteBits.V | PteBits.PS | PteBits.G;

  /** What must be left for the VM once the tables are built. */
  private static final long MINIMUM_POOL = 2L << 20;

  private final PhysicalMemory ram;
  private final int dmapDirectories;
  private final int kernelTables;
  private final long firstFree;
  private long next;

  private PmapBootstrap(PhysicalMemory ram, PhysicalAddress firstFree) {
    this.ram = ram;
    this.firstFree = VmArith.roundPage(firstFree.value());
    this.next = this.firstFree;
    this.dmapDirectories = (int) Math.max(4, (ram.size() + GIB - 1) / GIB);
    this.kernelTables = kernelTables(ram.size() / VmArith.PAGE_SIZE, dmapDirectories);
  }

  /**
   * Builds the tables.
   *
   * @param firstFree the end of what the loader placed in RAM
   * @throws IllegalArgumentException when RAM is too small, naming the minimum
   */
  public static BootLayout build(PhysicalMemory ram, PhysicalAddress firstFree) {
    PmapBootstrap boot = new PmapBootstrap(ram, firstFree);
    boot.checkSize();
    return boot.build();
  }

  private static int kernelTables(long pages, int dmapDirectories) {
    long tables = divideUp(pages * SIZEOF_VM_PAGE, KvaLayout.NBPDR);
    long directories =
        divideUp(2 * tables + 1 + 1 + KvaLayout.KERNEL_DIRECTORIES + 1 + dmapDirectories, 512);
    return (int) (tables + directories + TABLES_BEYOND_COMPUTED);
  }

  private void checkSize() {
    long pages = 3 + dmapDirectories + KvaLayout.KERNEL_DIRECTORIES + 2L * kernelTables;
    long minimum = firstFree + pages * VmArith.PAGE_SIZE + MINIMUM_POOL;
    if (ram.size() < minimum) {
      throw new IllegalArgumentException(
          String.format(
              "guest RAM of %d bytes is too small for the kernel VM: with %d bytes loaded it needs"
                  + " at least %d (give the machine more RAM)",
              ram.size(), firstFree, minimum));
    }
    if (ram.size() > KvaLayout.DMAP_MAX_ADDRESS - KvaLayout.DMAP_MIN_ADDRESS) {
      throw new IllegalArgumentException(
          String.format(
              "guest RAM of %d bytes is larger than the direct map of 512 GiB (give the machine"
                  + " less RAM)",
              ram.size()));
    }
  }

  private BootLayout build() {
    long lowTables = take(kernelTables);
    long highTables = take(kernelTables);
    long directories = take(KvaLayout.KERNEL_DIRECTORIES);
    long kernelPdp = take(1);
    long dmapPdp = take(1);
    long dmapFirst = take(dmapDirectories);
    long pml4 = take(1);
    PageTables tables =
        new PageTables(ram, new PhysicalAddress(pml4), new PhysicalAddress(directories));

    fillKernel(tables, lowTables, highTables);
    int firstSlot = 512 - KvaLayout.KERNEL_DIRECTORIES;
    for (int i = 0; i < KvaLayout.KERNEL_DIRECTORIES; i++) {
      tables.store(entry(kernelPdp, firstSlot + i), page(directories, i) | TABLE_BITS);
    }
    for (int i = 0; i < dmapDirectories; i++) {
      tables.store(entry(dmapPdp, i), page(dmapFirst, i) | TABLE_BITS);
    }
    for (long i = 0; i < dmapDirectories * 512L; i++) {
      long pa = i * KvaLayout.NBPDR;
      tables.store(dmapFirst + i * Long.BYTES, pa | LARGE_BITS | PteBits.A | PteBits.M);
    }
    tables.store(entry(pml4, KvaLayout.RECURSIVE_SLOT), pml4 | TABLE_BITS);
    tables.store(entry(pml4, KvaLayout.DMAP_SLOT), dmapPdp | TABLE_BITS);
    tables.store(entry(pml4, KvaLayout.KERNEL_SLOT), kernelPdp | TABLE_BITS);
    return new BootLayout(tables, new PhysicalAddress(next), kernelTables, virtualStart());
  }

  /** Presets the page tables and maps what is loaded so far, large pages over the tables. */
  private void fillKernel(PageTables tables, long lowTables, long highTables) {
    for (int i = 0; i < kernelTables; i++) {
      long offset = i * KvaLayout.NBPDR;
      long bits = PteBits.RW | PteBits.V;
      tables.store(tables.pdeAddress(KvaLayout.KVA_START + offset), page(lowTables, i) | bits);
      tables.store(tables.pdeAddress(KvaLayout.KERNBASE + offset), page(highTables, i) | bits);
    }
    for (long pa = 0; pa < next; pa += KvaLayout.NBPDR) {
      tables.store(tables.pdeAddress(KvaLayout.KERNBASE + pa), pa | LARGE_BITS);
    }
  }

  private long virtualStart() {
    long pages = (ram.size() - next) / VmArith.PAGE_SIZE;
    long pageArray = VmArith.roundPage(pages * SIZEOF_VM_PAGE);
    long dumpBitmap = VmArith.roundPage(divideUp(ram.size() / VmArith.PAGE_SIZE, Byte.SIZE));
    long imageEnd = divideUp(next, KvaLayout.NBPDR) * KvaLayout.NBPDR;
    return KvaLayout.KERNBASE + imageEnd + FIXED_SLOTS + dumpBitmap + pageArray;
  }

  private long take(int pages) {
    long pa = next;
    next += pages * VmArith.PAGE_SIZE;
    ram.zero(new PhysicalAddress(pa), pages * VmArith.PAGE_SIZE);
    return pa;
  }

  private static long page(long first, int index) {
    return first + index * VmArith.PAGE_SIZE;
  }

  private static long entry(long table, int index) {
    return table + (long) index * Long.BYTES;
  }

  private static long divideUp(long value, long by) {
    return (value + by - 1) / by;
  }
}
