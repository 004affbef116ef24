package dev.kmemu.emulator.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few terms of the ACPI Machine Language that a DSDT here needs (ACPI 6.5, 20.2). */
final class AmlWriter {

  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0A;
  private static final int WORD_PREFIX = 0x0B;
  private static final int DWORD_PREFIX = 0x0C;
  private static final int PACKAGE_OP = 0x12;
  private static final int SEGMENT = 4;

  private AmlWriter() {}

  /** Names an object: {@code Name(segment, object)}. */
  static byte[] name(String segment, byte[] object) {
    if (!segment.matches("[A-Z_][A-Z0-9_]{0,3}")) {
      throw new IllegalArgumentException("'" + segment + "' is no name of 1 to 4 characters");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(NAME_OP);
    out.writeBytes(
        (segment + "_".repeat(SEGMENT - segment.length())).getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(object);
    return out.toByteArray();
  }

  /** A package of integers: {@code Package() {values}}. */
  static byte[] integers(int... values) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(values.length);
    for (int value : values) {
      body.writeBytes(integer(value));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(PACKAGE_OP);
    out.writeBytes(packageLength(body.size()));
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }

  /** The shortest form of an integer. */
  static byte[] integer(int value) {
    if (value == 0 || value == 1) {
      return new byte[] {(byte) value};
    }
    int bytes = value >>> 8 == 0 ? 1 : value >>> 16 == 0 ? 2 : 4;
    byte[] out = new byte[1 + bytes];
    out[0] = (byte) (bytes == 1 ? BYTE_PREFIX : bytes == 2 ? WORD_PREFIX : DWORD_PREFIX);
    for (int i = 0; i < bytes; i++) {
      out[1 + i] = (byte) (value >>> (8 * i));
    }
    return out;
  }

  /** The length of a package of {@code bytes}, which counts itself: 1 byte up to 63, else more. */
  static byte[] packageLength(int bytes) {
    if (bytes + 1 <= 0x3F) {
      return new byte[] {(byte) (bytes + 1)};
    }
    int more = bytes + 2 < 1 << 12 ? 1 : 2;
    int length = bytes + 1 + more;
    byte[] out = new byte[1 + more];
    out[0] = (byte) (more << 6 | (length & 0xF));
    for (int i = 0; i < more; i++) {
      out[1 + i] = (byte) (length >>> (4 + 8 * i));
    }
    return out;
  }
}
