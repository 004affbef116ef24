package dev.kmemu.vm.kmem;

import dev.kmemu.emulator.memory.VirtualAddress;

/** What became of a request for kernel memory; upstream returns 0 for every failure. */
public sealed interface KmemResult {

  /** The range begins at {@code address}, page aligned. */
  record Allocated(VirtualAddress address) implements KmemResult {}

  /**
   * No free range of the map fits.
   *
   * @param size the size asked for, in bytes, rounded to pages
   */
  record NoSpace(String map, long size) implements KmemResult {
    @Override
    public String toString() {
      return "NoSpace[map=" + map + ", size=" + bytes(size) + "]";
    }
  }

  /**
   * The map is smaller than the request, however empty.
   *
   * @param extent the map's size in bytes
   */
  record LargerThanMap(String map, long size, long extent) implements KmemResult {
    @Override
    public String toString() {
      return String.format(
          "LargerThanMap[map=%s, size=%s, extent=%s]", map, bytes(size), bytes(extent));
    }
  }

  /** The size is 0, or rounding it to pages wraps. */
  record InvalidSize(long size) implements KmemResult {
    @Override
    public String toString() {
      return "InvalidSize[size=" + bytes(size) + "]";
    }
  }

  /** The alignment is 0, or neither a power of two nor a multiple of the page size. */
  record InvalidAlignment(long alignment) implements KmemResult {
    @Override
    public String toString() {
      return "InvalidAlignment[alignment=" + bytes(alignment) + "]";
    }
  }

  /** The map is no map of this kernel's address space. */
  record ForeignMap(String map) implements KmemResult {}

  /** The pages couldn't be wired; nothing stays allocated. */
  record NotWired(String reason) implements KmemResult {}

  /**
   * Returns the address.
   *
   * @throws IllegalStateException naming the reason when there is none
   */
  default VirtualAddress orThrow() {
    if (this instanceof Allocated allocated) {
      return allocated.address();
    }
    throw new IllegalStateException("kernel memory wasn't allocated: " + this);
  }

  /** Sizes are unsigned: the large ones are what one gets to see here. */
  private static String bytes(long count) {
    return String.format("0x%x (%s bytes)", count, Long.toUnsignedString(count));
  }
}
