package dev.kmemu.vm.pmap;

/** Bits of a page-table entry as {@code sys/cpu/x86_64/include/pmap.h} names them. */
public final class PteBits {
  /** Valid. */
  public static final long V = 0x001;

  public static final long RW = 0x002;
  public static final long U = 0x004;

  public static final long WRITE_THROUGH = 0x008;
  public static final long CACHE_DISABLE = 0x010;

  /** Accessed. */
  public static final long A = 0x020;

  /** Modified, the SDM's dirty bit. */
  public static final long M = 0x040;

  /** Page size: the entry maps 2 MiB. */
  public static final long PS = 0x080;

  /** Global. */
  public static final long G = 0x100;

  /** Software: the mapping is wired. */
  public static final long W = 0x200;

  /** Software: the mapping has a PV entry. */
  public static final long MANAGED = 0x400;

  public static final long FRAME = 0x000F_FFFF_FFFF_F000L;

  /** Never set: kernel memory stays executable in this era. */
  public static final long NX = 1L << 63;

  private PteBits() {}
}
