package dev.kmemu.vm.pmap;

/**
 * The kernel's address space on pc64 in the 2.8 era: 128 GiB of KVA below and around KERNBASE
 * ({@code sys/platform/pc64/include/vmparam.h}). Addresses are unsigned.
 */
public final class KvaLayout {

  /** {@code VM_MAX_USER_ADDRESS}, exclusive: user addresses begin at 0. */
  public static final long USER_END = 0x0000_8000_0000_0000L;

  /** {@code PTmap}: the page tables as an array, seen through the recursive slot. */
  public static final long UPT_MIN_ADDRESS = 0xFFFF_8000_0000_0000L;

  /** {@code DMAP_MIN_ADDRESS}: all physical memory, 512 GiB at most. */
  public static final long DMAP_MIN_ADDRESS = 0xFFFF_FF00_0000_0000L;

  /** Exclusive. */
  public static final long DMAP_MAX_ADDRESS = 0xFFFF_FF80_0000_0000L;

  /** {@code VM_MIN_KERNEL_ADDRESS}, {@code KvaStart}. */
  public static final long KVA_START = 0xFFFF_FFE0_0000_0000L;

  /** {@code KERNBASE}: where the kernel image is linked; physical 0 is mapped here. */
  public static final long KERNBASE = 0xFFFF_FFFF_8000_0000L;

  /** {@code VM_MAX_KERNEL_ADDRESS}, {@code KvaEnd}, exclusive: one page short of 2^64. */
  public static final long KVA_END = 0xFFFF_FFFF_FFFF_F000L;

  /** {@code KvaSize}. */
  public static final long KVA_SIZE = KVA_END - KVA_START;

  /** {@code NBPDR}: bytes that one page table maps. */
  public static final long NBPDR = 1L << 21;

  /** {@code PML4PML4I}: the slot that maps the page tables themselves. */
  public static final int RECURSIVE_SLOT = 256;

  /** {@code DMPML4I}. */
  public static final int DMAP_SLOT = 510;

  /** {@code KPML4I}. */
  public static final int KERNEL_SLOT = 511;

  /** {@code NKPDPE}: page directories of the kernel, all present from boot. */
  public static final int KERNEL_DIRECTORIES = 128;

  private KvaLayout() {}

  /** Whether {@code va} is a user address. */
  public static boolean isUser(long va) {
    return va >>> 47 == 0;
  }

  /** {@code PHYS_TO_DMAP}. */
  public static long physToDmap(long pa) {
    return pa | DMAP_MIN_ADDRESS;
  }

  /** {@code DMAP_TO_PHYS}. */
  public static long dmapToPhys(long va) {
    return va & ~DMAP_MIN_ADDRESS;
  }

  /** Whether {@code va} is in the direct map. */
  public static boolean isDmap(long va) {
    return va >>> 39 == DMAP_MIN_ADDRESS >>> 39;
  }
}
