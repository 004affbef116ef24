package dev.kmemu.emulator.snapshot;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes a state as little-endian values, one after the other. */
public final class StateWriter {

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[256];
  private int length;

  /** Creates a writer that holds nothing. */
  public StateWriter() {}

  /** Writes a byte that is 0 or 1. */
  public void flag(boolean value) {
    room(1);
    bytes[length++] = (byte) (value ? 1 : 0);
  }

  /** Writes 32 bits. */
  public void int32(int value) {
    room(Integer.BYTES);
    INT.set(bytes, length, value);
    length += Integer.BYTES;
  }

  /** Writes 64 bits. */
  public void int64(long value) {
    room(Long.BYTES);
    LONG.set(bytes, length, value);
    length += Long.BYTES;
  }

  /** Writes bytes without their number. */
  public void raw(byte[] source, int offset, int count) {
    room(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
  }

  /** Writes the number of bytes and the bytes. */
  public void bytes(byte[] value) {
    int32(value.length);
    raw(value, 0, value.length);
  }

  /** Writes a text. */
  public void text(String value) {
    bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes the number of values and the values. */
  public void ints(int[] values) {
    int32(values.length);
    room(Math.multiplyExact(values.length, Integer.BYTES));
    for (int value : values) {
      INT.set(bytes, length, value);
      length += Integer.BYTES;
    }
  }

  /** Writes the number of values and the values. */
  public void longs(long[] values) {
    int32(values.length);
    room(Math.multiplyExact(values.length, Long.BYTES));
    for (long value : values) {
      LONG.set(bytes, length, value);
      length += Long.BYTES;
    }
  }

  /** Returns the number of bytes written. */
  public int length() {
    return length;
  }

  /** Returns what was written. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void room(int count) {
    if (bytes.length - length < count) {
      int wanted = Math.addExact(length, count);
      bytes = Arrays.copyOf(bytes, Math.max(wanted, (int) Math.min(2L * length, 1 << 30)));
    }
  }
}
