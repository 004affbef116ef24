package dev.kmemu.emulator.cpu;

/**
 * The attributes of a segment as its descriptor's high doubleword holds them, base and limit bits
 * clear (Intel SDM vol. 3A, 3.4.5). Plain {@code int}s, because delivery allocates nothing.
 */
public final class SegmentAttributes {

  /** A of a code or data segment. */
  public static final int ACCESSED = 1 << 8;

  /** W of a data segment, R of a code segment. */
  public static final int WRITABLE = 1 << 9;

  /** C of a code segment. */
  public static final int CONFORMING = 1 << 10;

  /** Whether a code or data segment holds code. */
  public static final int CODE = 1 << 11;

  /** S: a code or data segment, not a system one. */
  public static final int NOT_SYSTEM = 1 << 12;

  /** P. */
  public static final int PRESENT = 1 << 15;

  /** L: 64-bit code. */
  public static final int LONG = 1 << 21;

  /** D or B: 32-bit. */
  public static final int BIG = 1 << 22;

  /** G: the limit counts pages. */
  public static final int GRANULAR = 1 << 23;

  /** All bits that are attributes. */
  public static final int MASK = 0x00F0FF00;

  /** A flat code segment of 64-bit mode at CPL 0. */
  public static final int CODE_64 =
      PRESENT | NOT_SYSTEM | CODE | WRITABLE | ACCESSED | LONG | GRANULAR;

  /** A flat code segment of 32-bit mode at CPL 0. */
  public static final int CODE_32 = (CODE_64 & ~LONG) | BIG;

  /** A flat data segment at CPL 0. */
  public static final int DATA = PRESENT | NOT_SYSTEM | WRITABLE | ACCESSED | BIG | GRANULAR;

  private static final int DPL_SHIFT = 13;
  private static final int TYPE_SHIFT = 8;

  private SegmentAttributes() {}

  /** Returns the attributes of the descriptor with the high doubleword {@code high}. */
  public static int ofDescriptor(int high) {
    return high & MASK;
  }

  /** Returns the DPL, 0 to 3. */
  public static int dpl(int attributes) {
    return (attributes >>> DPL_SHIFT) & 3;
  }

  /** Returns the attributes with another DPL. */
  public static int withDpl(int attributes, int dpl) {
    return (attributes & ~(3 << DPL_SHIFT)) | (dpl << DPL_SHIFT);
  }

  /** Returns the 4 bits of the type; for a system descriptor its kind. */
  public static int type(int attributes) {
    return (attributes >>> TYPE_SHIFT) & 0xF;
  }

  /** Whether it is code. */
  public static boolean isCode(int attributes) {
    return (attributes & (NOT_SYSTEM | CODE)) == (NOT_SYSTEM | CODE);
  }

  /** Whether it is data that may be written. */
  public static boolean isWritableData(int attributes) {
    return (attributes & (NOT_SYSTEM | CODE | WRITABLE)) == (NOT_SYSTEM | WRITABLE);
  }
}
