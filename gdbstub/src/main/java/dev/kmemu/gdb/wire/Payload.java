package dev.kmemu.gdb.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes between {@code $} and {@code #} of one packet, unescaped. Immutable. */
public final class Payload {

  private static final Payload EMPTY = new Payload(new byte[0], 0);

  private final byte[] bytes;
  private final int length;

  private Payload(byte[] bytes, int length) {
    this.bytes = bytes;
    this.length = length;
  }

  /** Returns the payload without bytes, the protocol's "not supported". */
  public static Payload empty() {
    return EMPTY;
  }

  /** Returns the first {@code length} bytes of {@code source}, copied. */
  public static Payload copyOf(byte[] source, int length) {
    return length == 0 ? EMPTY : new Payload(Arrays.copyOf(source, length), length);
  }

  /** Returns {@code text} as Latin-1, one byte for each character. */
  public static Payload of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    return new Payload(bytes, bytes.length);
  }

  /** Returns the first {@code length} bytes of {@code bytes}, which nobody changes any more. */
  static Payload owning(byte[] bytes, int length) {
    return new Payload(bytes, length);
  }

  /** Returns what holds the bytes, from the first on, and maybe more; to be read only. */
  byte[] array() {
    return bytes;
  }

  /** Returns the number of bytes. */
  public int length() {
    return length;
  }

  /** Returns a byte, 0 to 255. */
  public int at(int index) {
    return bytes[index] & 0xff;
  }

  /** Returns the bytes from {@code from} to before {@code to}, copied. */
  public byte[] bytes(int from, int to) {
    return Arrays.copyOfRange(bytes, from, to);
  }

  /** Returns the bytes from {@code from} to before {@code to} as Latin-1. */
  public String text(int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that
        && Arrays.equals(bytes, 0, length, that.bytes, 0, that.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = 0; i < length; i++) {
      hash = 31 * hash + bytes[i];
    }
    return hash;
  }

  /** Returns the bytes as Latin-1. */
  @Override
  public String toString() {
    return text(0, length);
  }
}
