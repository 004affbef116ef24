package dev.kmemu.emulator.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads what {@link StateWriter} wrote; what isn't there is an exception. */
public final class StateReader {

  private final String name;
  private final ByteBuffer bytes;

  /**
   * Reads {@code bytes}.
   *
   * @param name what they are, for exceptions
   */
  public StateReader(String name, byte[] bytes) {
    this.name = name;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads a byte that is 0 or 1. */
  public boolean flag() {
    need(1);
    byte value = bytes.get();
    if (value != 0 && value != 1) {
      throw bad("a flag of " + value);
    }
    return value == 1;
  }

  /** Reads 32 bits. */
  public int int32() {
    need(Integer.BYTES);
    return bytes.getInt();
  }

  /** Reads 32 bits that lie within bounds. */
  public int int32(int least, int most) {
    int value = int32();
    if (value < least || value > most) {
      throw bad(value + " where " + least + " to " + most + " is expected");
    }
    return value;
  }

  /** Reads 64 bits. */
  public long int64() {
    need(Long.BYTES);
    return bytes.getLong();
  }

  /** Reads bytes that come without their number. */
  public void raw(byte[] target, int offset, int count) {
    need(count);
    bytes.get(target, offset, count);
  }

  /** Reads the number of bytes and the bytes. */
  public byte[] bytes() {
    byte[] value = new byte[count(1)];
    bytes.get(value);
    return value;
  }

  /** Reads a text. */
  public String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /** Reads the number of values and the values. */
  public int[] ints() {
    int[] values = new int[count(Integer.BYTES)];
    bytes.asIntBuffer().get(values);
    bytes.position(bytes.position() + values.length * Integer.BYTES);
    return values;
  }

  /** Reads the number of values and the values. */
  public long[] longs() {
    long[] values = new long[count(Long.BYTES)];
    bytes.asLongBuffer().get(values);
    bytes.position(bytes.position() + values.length * Long.BYTES);
    return values;
  }

  /** Whether all was read. */
  public boolean isAtEnd() {
    return !bytes.hasRemaining();
  }

  /** Throws unless all was read. */
  public void requireEnd() {
    if (!isAtEnd()) {
      throw bad(bytes.remaining() + " bytes behind its end");
    }
  }

  /** Returns an exception that names the state and says what is wrong with it. */
  public SnapshotException bad(String what) {
    return new SnapshotException(name + " holds " + what + ": take the snapshot again");
  }

  private int count(int size) {
    int count = int32();
    if (count < 0 || count > bytes.remaining() / size) {
      throw bad(count + " values of " + size + " bytes, and " + bytes.remaining() + " bytes");
    }
    return count;
  }

  private void need(int count) {
    if (bytes.remaining() < count) {
      throw bad("less than it should, " + bytes.limit() + " bytes");
    }
  }
}
