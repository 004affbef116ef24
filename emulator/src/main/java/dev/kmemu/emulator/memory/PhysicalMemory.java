package dev.kmemu.emulator.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Guest RAM, from physical address 0 upwards, perhaps with a hole, read and written by Java without
 * a native call.
 *
 * <p>All values are little-endian. Aligned 32- and 64-bit accesses are single accesses of the host,
 * as the guest's own are; unaligned ones and ranges may be torn. Every method may be called from
 * any thread, and an access outside RAM or after {@link #close} is an exception, never a crash.
 */
public final class PhysicalMemory implements AutoCloseable {

  private static final VarHandle INT =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int OFFSET_MASK = (1 << HostMapping.BUFFER_SHIFT) - 1;

  private final HostMapping mapping;
  private final ByteBuffer[] buffers;
  private final long end;
  private final long holeStart;
  private final long holeEnd;
  private volatile boolean closed;

  /**
   * Takes over {@code mapping}, all of which is RAM; its memory must be zero.
   *
   * @throws IllegalArgumentException when its size isn't a positive multiple of 4096
   */
  public PhysicalMemory(HostMapping mapping) {
    this(mapping, RamLayout.ONE_PIECE);
  }

  /**
   * Takes over {@code mapping}, which begins at address 0 and ends where RAM does: the hole in it
   * is never touched.
   *
   * @throws IllegalArgumentException when its size isn't a positive multiple of 4096
   */
  public PhysicalMemory(HostMapping mapping, RamLayout layout) {
    this.mapping = mapping;
    this.end = mapping.size();
    if (end <= 0 || end % VirtualAddress.PAGE_SIZE != 0) {
      throw new IllegalArgumentException(
          "RAM size must be a positive multiple of 4096 bytes, got " + end);
    }
    boolean hasHole = end > layout.holeEnd();
    this.holeStart = hasHole ? layout.holeStart() : end;
    this.holeEnd = hasHole ? layout.holeEnd() : end;
    this.buffers =
        mapping.buffers().stream()
            .map(buffer -> buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN))
            .toArray(ByteBuffer[]::new);
  }

  /** Returns the size of RAM in bytes. */
  public long size() {
    return end - (holeEnd - holeStart);
  }

  /** Returns the first address behind all RAM; {@link #size} when there is no hole. */
  public long end() {
    return end;
  }

  /** Returns where the first piece of RAM ends: {@link #end} when there is no hole. */
  public long holeStart() {
    return holeStart;
  }

  /** Returns where the second piece of RAM begins: {@link #end} when there is none. */
  public long holeEnd() {
    return holeEnd;
  }

  /** Returns where RAM is, for people. */
  public String extent() {
    String first = String.format("[0x0, 0x%x)", holeStart);
    return holeEnd == end ? first : first + String.format(" and [0x%x, 0x%x)", holeEnd, end);
  }

  /** Returns the host address of physical address 0, for an engine that maps RAM by pointer. */
  public long hostAddress() {
    checkOpen();
    return mapping.hostAddress();
  }

  /** Returns what captures RAM and puts it back. */
  public RamImaging imaging() {
    checkOpen();
    return mapping.imaging();
  }

  /** Whether {@code length} bytes from {@code address} are RAM. */
  public boolean contains(PhysicalAddress address, long length) {
    return inRange(address.value(), length);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public boolean contains(long at, long length) {
    return inRange(at, length);
  }

  /** Whether any of {@code length} bytes from {@code at} is RAM. */
  public boolean overlaps(long at, long length) {
    return at < holeStart || (at + length > holeEnd && at < end);
  }

  /** Reads one byte, 0 to 255. */
  public int load8(PhysicalAddress address) {
    long at = address.value();
    return buffer(at, 1).get(offset(at)) & 0xFF;
  }

  /** Writes the low byte of {@code value}. */
  public void store8(PhysicalAddress address, int value) {
    long at = address.value();
    buffer(at, 1).put(offset(at), (byte) value);
  }

  /** Reads 32 bits. */
  public int load32(PhysicalAddress address) {
    long at = address.value();
    ByteBuffer buffer = buffer(at, Integer.BYTES);
    int offset = offset(at);
    if ((offset & 3) == 0) {
      return (int) INT.getOpaque(buffer, offset);
    }
    return offset <= buffer.limit() - Integer.BYTES ? buffer.getInt(offset) : (int) split(at, 4);
  }

  /** Writes 32 bits. */
  public void store32(PhysicalAddress address, int value) {
    long at = address.value();
    ByteBuffer buffer = buffer(at, Integer.BYTES);
    int offset = offset(at);
    if ((offset & 3) == 0) {
      INT.setOpaque(buffer, offset, value);
    } else {
      storeSplit(at, value, Integer.BYTES);
    }
  }

  /** Reads 64 bits. */
  public long load64(PhysicalAddress address) {
    return load64(address.value());
  }

  /** Writes 64 bits. */
  public void store64(PhysicalAddress address, long value) {
    long at = address.value();
    ByteBuffer buffer = buffer(at, Long.BYTES);
    int offset = offset(at);
    if ((offset & 7) == 0) {
      LONG.setOpaque(buffer, offset, value);
    } else {
      storeSplit(at, value, Long.BYTES);
    }
  }

  /**
   * Atomically replaces an aligned 64-bit word if it holds {@code expected}.
   *
   * @throws IllegalArgumentException when {@code address} isn't a multiple of 8
   */
  public boolean compareAndSet64(PhysicalAddress address, long expected, long value) {
    return compareAndSet64(address.value(), expected, value);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public boolean compareAndSet64(long at, long expected, long value) {
    requireAligned(at);
    return LONG.compareAndSet(buffer(at, Long.BYTES), offset(at), expected, value);
  }

  /**
   * Atomically replaces an aligned 64-bit word and returns what it held.
   *
   * @throws IllegalArgumentException when {@code address} isn't a multiple of 8
   */
  public long getAndSet64(PhysicalAddress address, long value) {
    return getAndSet64(address.value(), value);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public long getAndSet64(long at, long value) {
    requireAligned(at);
    return (long) LONG.getAndSet(buffer(at, Long.BYTES), offset(at), value);
  }

  /** Copies RAM into {@code target}. */
  public void read(PhysicalAddress address, byte[] target, int offset, int length) {
    read(address.value(), target, offset, length);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public void read(long at, byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    checkRange(at, length);
    for (int done = 0; done < length; ) {
      int run = runLength(at + done, length - done);
      buffers[index(at + done)].get(offset(at + done), target, offset + done, run);
      done += run;
    }
  }

  /** Copies {@code source} into RAM. */
  public void write(PhysicalAddress address, byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    long at = address.value();
    checkRange(at, length);
    for (int done = 0; done < length; ) {
      int run = runLength(at + done, length - done);
      buffers[index(at + done)].put(offset(at + done), source, offset + done, run);
      done += run;
    }
  }

  /** Sets {@code length} bytes to zero. */
  public void zero(PhysicalAddress address, long length) {
    zero(address.value(), length);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public void zero(long at, long length) {
    checkRange(at, length);
    for (long done = 0; done < length; ) {
      int run = runLength(at + done, (int) Math.min(length - done, ZEROES.length));
      buffers[index(at + done)].put(offset(at + done), ZEROES, 0, run);
      done += run;
    }
  }

  /** Copies {@code length} bytes within RAM; the ranges mustn't overlap. */
  public void copy(PhysicalAddress from, PhysicalAddress to, int length) {
    copy(from.value(), to.value(), length);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public void copy(long source, long target, int length) {
    checkRange(source, length);
    checkRange(target, length);
    for (int done = 0; done < length; ) {
      int run = runLength(target + done, runLength(source + done, length - done));
      buffers[index(target + done)].put(
          offset(target + done), buffers[index(source + done)], offset(source + done), run);
      done += run;
    }
  }

  /** Whether {@code length} bytes are all zero. */
  public boolean isZero(PhysicalAddress address, int length) {
    return isZero(address.value(), length);
  }

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public boolean isZero(long at, int length) {
    checkRange(at, length);
    for (int done = 0; done < length; ) {
      int run = runLength(at + done, length - done);
      if (!ZeroScan.isZero(buffers[index(at + done)], offset(at + done), run)) {
        return false;
      }
      done += run;
    }
    return true;
  }

  /** Gives the memory back; later accesses throw {@link IllegalStateException}. Idempotent. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      mapping.discard();
    }
  }

  private static final byte[] ZEROES = new byte[VirtualAddress.PAGE_SIZE];

  /** The same by a plain address, for paths on which nothing may be allocated. */
  public long load64(long at) {
    ByteBuffer buffer = buffer(at, Long.BYTES);
    int offset = offset(at);
    if ((offset & 7) == 0) {
      return (long) LONG.getOpaque(buffer, offset);
    }
    return offset <= buffer.limit() - Long.BYTES ? buffer.getLong(offset) : split(at, Long.BYTES);
  }

  private long split(long at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = (value << 8) | (buffers[index(at + i)].get(offset(at + i)) & 0xFF);
    }
    return value;
  }

  private void storeSplit(long at, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      buffers[index(at + i)].put(offset(at + i), (byte) (value >>> (8 * i)));
    }
  }

  private ByteBuffer buffer(long at, int length) {
    checkRange(at, length);
    return buffers[index(at)];
  }

  private boolean inRange(long at, long length) {
    return at >= 0
        && length >= 0
        && at <= end - length
        && (at + length <= holeStart || at >= holeEnd);
  }

  private void checkRange(long at, long length) {
    if (!inRange(at, length)) {
      throw new PhysicalAccessException(at, length, extent());
    }
    checkOpen();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("guest RAM is closed");
    }
  }

  private static void requireAligned(long at) {
    if ((at & 7) != 0) {
      throw new IllegalArgumentException("not a multiple of 8: " + new PhysicalAddress(at));
    }
  }

  private static int index(long at) {
    return (int) (at >>> HostMapping.BUFFER_SHIFT);
  }

  private static int offset(long at) {
    return (int) at & OFFSET_MASK;
  }

  private static int runLength(long at, int wanted) {
    return Math.min(wanted, (1 << HostMapping.BUFFER_SHIFT) - offset(at));
  }
}
