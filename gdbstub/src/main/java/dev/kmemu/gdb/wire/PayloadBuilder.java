package dev.kmemu.gdb.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Puts a payload together from ASCII, hex digits and bytes. Not for use by several threads. */
public final class PayloadBuilder {

  /** Writes two bytes at once, the first of them the low one. */
  private static final VarHandle PAIRS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

  /** The two digits of each byte. */
  private static final short[] DIGITS = new short[0x100];

  static {
    for (int octet = 0; octet < DIGITS.length; octet++) {
      DIGITS[octet] = (short) (Hex.digit(octet >> 4) | Hex.digit(octet) << Byte.SIZE);
    }
  }

  private static final int LONG_DIGITS = 2 * Long.BYTES;

  private byte[] bytes;
  private int length;

  /** Creates an empty payload that grows beyond {@code capacity} bytes at a cost only. */
  public PayloadBuilder(int capacity) {
    bytes = new byte[capacity];
  }

  /** Appends one byte. */
  public PayloadBuilder put(int octet) {
    reserve(1);
    bytes[length++] = (byte) octet;
    return this;
  }

  /** Appends {@code text} as Latin-1. */
  public PayloadBuilder put(String text) {
    reserve(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
    return this;
  }

  /** Appends bytes as they are. */
  public PayloadBuilder put(byte[] source, int offset, int count) {
    reserve(count);
    System.arraycopy(source, offset, bytes, length, count);
    length += count;
    return this;
  }

  /** Appends {@code character} as often as {@code count} says. */
  public PayloadBuilder fill(char character, int count) {
    reserve(count);
    Arrays.fill(bytes, length, length + count, (byte) character);
    length += count;
    return this;
  }

  /** Appends two digits for the lowest eight bits of {@code value}. */
  public PayloadBuilder hexByte(int value) {
    reserve(2);
    bytes[length++] = (byte) Hex.digit(value >> 4);
    bytes[length++] = (byte) Hex.digit(value);
    return this;
  }

  /** Appends two digits for each byte, in memory order. */
  public PayloadBuilder hex(byte[] source, int offset, int count) {
    reserve(2 * count);
    byte[] target = bytes;
    int at = length;
    for (int i = offset; i < offset + count; i++) {
      PAIRS.set(target, at, DIGITS[source[i] & 0xff]);
      at += 2;
    }
    length = at;
    return this;
  }

  /** Appends the 16 digits of a 64-bit register or word in memory order. */
  public PayloadBuilder hexLittleEndian(long value) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      hexByte((int) (value >>> shift));
    }
    return this;
  }

  /** Appends the digits of an unsigned number, the highest first, without leading zeros. */
  public PayloadBuilder hexNumber(long value) {
    int digits = Math.max(1, LONG_DIGITS - Long.numberOfLeadingZeros(value) / 4);
    reserve(digits);
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
      bytes[length++] = (byte) Hex.digit((int) (value >>> shift));
    }
    return this;
  }

  /** Returns the payload; the builder is used up. */
  public Payload build() {
    Payload built = Payload.owning(bytes, length);
    bytes = new byte[0];
    length = 0;
    return built;
  }

  private void reserve(int count) {
    if (length + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + count, 2 * bytes.length));
    }
  }
}
