package dev.kmemu.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * What the host tells a guest program about its memory.
 *
 * <p>In guest memory, little-endian and 8-byte aligned: {@link #MAGIC} (8 bytes), {@link #VERSION}
 * (4), number of ranges (4), then 24 bytes for each range: start KVA (8), length in bytes (8), kind
 * (4), zero (4).
 *
 * @param ranges what to check, in this order within each kind
 */
public record BootBlock(List<Range> ranges) {

  /** The first eight bytes: {@code KMEMUBB1} in memory order. */
  public static final long MAGIC = 0x314242554D454D4BL;

  /** The format's version. */
  public static final int VERSION = 1;

  /** Bytes before the first range. */
  public static final int HEADER_BYTES = 16;

  /** Bytes of each range. */
  public static final int RANGE_BYTES = 24;

  /** What a range promises to the guest. */
  public enum Kind {
    /** Mapped and zero: touching it never faults. */
    WIRED(1),
    /** Reads zero; the first touch of each page faults, the host resolves it. */
    PAGEABLE(2),
    /** The guest reads its first word and expects a page fault through its own IDT. */
    UNMAPPED(3),
    /** Reserved address space, {@code kmem_alloc_nofault}: the guest leaves it alone. */
    NOFAULT(4);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    /** Returns the number that stands for this kind in guest memory. */
    public int code() {
      return code;
    }
  }

  /**
   * A range of kernel addresses.
   *
   * @param start the first address, a multiple of 8
   * @param length bytes, a multiple of 8 above 0
   * @param kind what the guest may expect there
   */
  public record Range(long start, long length, Kind kind) {

    /** Checks alignment and that the range doesn't wrap around. */
    public Range {
      if (length <= 0 || (start & 7) != 0 || (length & 7) != 0) {
        throw new IllegalArgumentException(
            String.format(
                "boot block range 0x%x+0x%x: start and length must be multiples of 8, length > 0",
                start, length));
      }
      if (Long.compareUnsigned(start + (length - 1), start) < 0) {
        throw new IllegalArgumentException(
            String.format("boot block range 0x%x+0x%x: wraps around 2^64", start, length));
      }
    }
  }

  /** Copies the list. */
  public BootBlock {
    ranges = List.copyOf(ranges);
  }

  /** Returns the block as it must lie in guest memory. */
  public byte[] toBytes() {
    ByteBuffer block =
        ByteBuffer.allocate(HEADER_BYTES + ranges.size() * RANGE_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    block.putLong(MAGIC).putInt(VERSION).putInt(ranges.size());
    for (Range range : ranges) {
      block.putLong(range.start()).putLong(range.length()).putInt(range.kind().code()).putInt(0);
    }
    return block.array();
  }
}
