package dev.kmemu.emulator.memory;

/**
 * A 64-bit linear address of the guest. Ordered unsigned; any bit pattern is a value, canonical or
 * not, because guests use both.
 *
 * @param value the address in bytes
 */
public record VirtualAddress(long value) implements Comparable<VirtualAddress> {

  /** Bytes of a base page. */
  public static final int PAGE_SIZE = 4096;

  /** log2 of {@link #PAGE_SIZE}. */
  public static final int PAGE_SHIFT = 12;

  private static final long PAGE_MASK = PAGE_SIZE - 1L;

  /** Returns the address {@code bytes} higher, modulo 2^64. */
  public VirtualAddress plus(long bytes) {
    return new VirtualAddress(value + bytes);
  }

  /** Returns the distance in bytes from {@code other} to this address, modulo 2^64. */
  public long minus(VirtualAddress other) {
    return value - other.value;
  }

  /** {@code trunc_page}: the start of the page that holds this address. */
  public VirtualAddress truncPage() {
    return new VirtualAddress(value & ~PAGE_MASK);
  }

  /** Returns the offset within its 4 KiB page, 0 to 4095. */
  public int pageOffset() {
    return (int) (value & PAGE_MASK);
  }

  /** Whether the address is a multiple of 4096. */
  public boolean isPageAligned() {
    return (value & PAGE_MASK) == 0;
  }

  /** Whether bits 63 to 47 are all equal (Intel SDM vol. 1, 3.3.7.1). */
  public boolean isCanonical() {
    long top = value >> 47;
    return top == 0 || top == -1;
  }

  /** Whether this address is lower than {@code other}, unsigned. */
  public boolean isBelow(VirtualAddress other) {
    return Long.compareUnsigned(value, other.value) < 0;
  }

  @Override
  public int compareTo(VirtualAddress other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return String.format("0x%016x", value);
  }
}
