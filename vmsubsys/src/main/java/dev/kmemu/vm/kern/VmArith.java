package dev.kmemu.vm.kern;

/**
 * Page arithmetic on unsigned 64-bit addresses and sizes, as {@code sys/cpu/.../param.h} has it.
 */
public final class VmArith {
  public static final int PAGE_SHIFT = 12;
  public static final long PAGE_SIZE = 1L << PAGE_SHIFT;
  public static final long PAGE_MASK = PAGE_SIZE - 1;

  private VmArith() {}

  /** {@code trunc_page}. */
  public static long truncPage(long address) {
    return address & ~PAGE_MASK;
  }

  /** {@code round_page}: wraps to 0 above 2^64 - 4096. */
  public static long roundPage(long address) {
    return (address + PAGE_MASK) & ~PAGE_MASK;
  }

  /** {@code OFF_TO_IDX}: an arithmetic shift, so that kernel addresses stay sign-extended. */
  public static long offToIdx(long offset) {
    return offset >> PAGE_SHIFT;
  }

  /** {@code IDX_TO_OFF}. */
  public static long idxToOff(long index) {
    return index << PAGE_SHIFT;
  }

  /** Whether {@code a} is less than {@code b}, unsigned. */
  public static boolean below(long a, long b) {
    return Long.compareUnsigned(a, b) < 0;
  }

  /** Returns the lower of two unsigned values. */
  public static long min(long a, long b) {
    return below(a, b) ? a : b;
  }

  /** Returns the higher of two unsigned values. */
  public static long max(long a, long b) {
    return below(a, b) ? b : a;
  }
}
