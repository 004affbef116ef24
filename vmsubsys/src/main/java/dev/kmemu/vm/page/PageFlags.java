package dev.kmemu.vm.page;

/** Flags of a {@code vm_page}; not to be mixed up with the PTE bits of similar names. */
public final class PageFlags {
  /** Owned exclusively, in transit. */
  public static final int BUSY = 0x0001;

  /** Somebody sleeps on the page. */
  public static final int WANTED = 0x0002;

  /** A dirty page that went round the inactive queue once; it is written out the next time. */
  public static final int WINATCFLS = 0x0004;

  /** No real page: wire counts are ignored. */
  public static final int FICTITIOUS = 0x0008;

  /** A writable managed mapping may exist. */
  public static final int WRITEABLE = 0x0010;

  /** A managed mapping exists. */
  public static final int MAPPED = 0x0020;

  /** The contents are known to be zero. */
  public static final int ZERO = 0x0040;

  /** Referenced since the bit was last cleared. */
  public static final int REFERENCED = 0x0080;

  /** Not tracked by PV entries. */
  public static final int UNMANAGED = 0x0800;

  private PageFlags() {}
}
