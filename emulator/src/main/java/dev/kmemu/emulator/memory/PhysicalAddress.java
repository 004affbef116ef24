package dev.kmemu.emulator.memory;

/**
 * An address on the guest's memory bus. Ordered unsigned.
 *
 * @param value the address in bytes
 */
public record PhysicalAddress(long value) implements Comparable<PhysicalAddress> {

  /** Returns the address {@code bytes} higher, modulo 2^64. */
  public PhysicalAddress plus(long bytes) {
    return new PhysicalAddress(value + bytes);
  }

  /** Returns the start of the 4 KiB frame that holds this address. */
  public PhysicalAddress truncPage() {
    return new PhysicalAddress(value & -VirtualAddress.PAGE_SIZE);
  }

  /** Returns the number of the 4 KiB frame that holds this address. */
  public long frameNumber() {
    return value >>> VirtualAddress.PAGE_SHIFT;
  }

  /** Whether the address is a multiple of 4096. */
  public boolean isPageAligned() {
    return (value & (VirtualAddress.PAGE_SIZE - 1L)) == 0;
  }

  @Override
  public int compareTo(PhysicalAddress other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return "0x" + Long.toHexString(value);
  }
}
