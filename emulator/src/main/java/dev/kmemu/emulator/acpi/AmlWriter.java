package dev.kmemu.emulator.acpi;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few terms of the ACPI Machine Language that a DSDT here needs (ACPI 6.5, 20.2). */
final class AmlWriter {

  private static final int NAME_OP = 0x08;
  private static final int BYTE_PREFIX = 0x0A;
  private static final int WORD_PREFIX = 0x0B;
  private static final int DWORD_PREFIX = 0x0C;
  private static final int TEXT_PREFIX = 0x0D;
  private static final int SCOPE_OP = 0x10;
  private static final int BUFFER_OP = 0x11;
  private static final int PACKAGE_OP = 0x12;
  private static final int EXTENDED_OP = 0x5B;
  private static final int DEVICE_OP = 0x82;
  private static final int ROOT = '\\';
  private static final int SEGMENT = 4;

  private AmlWriter() {}

  /** Names an object: {@code Name(segment, object)}. */
  static byte[] name(String segment, byte[] object) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(NAME_OP);
    out.writeBytes(segment(segment));
    out.writeBytes(object);
    return out.toByteArray();
  }

  private static byte[] segment(String name) {
    if (!name.matches("[A-Z_][A-Z0-9_]{0,3}")) {
      throw new IllegalArgumentException("'" + name + "' is no name of 1 to 4 characters");
    }
    return (name + "_".repeat(SEGMENT - name.length())).getBytes(StandardCharsets.US_ASCII);
  }

  /** What is in a name space below the root: {@code Scope(\\name) {terms}}. */
  static byte[] scope(String name, byte[] terms) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(ROOT);
    body.writeBytes(segment(name));
    body.writeBytes(terms);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(SCOPE_OP);
    append(out, body.toByteArray());
    return out.toByteArray();
  }

  /** A device: {@code Device(name) {terms}}. */
  static byte[] device(String name, byte[]... terms) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(segment(name));
    for (byte[] term : terms) {
      body.writeBytes(term);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(EXTENDED_OP);
    out.write(DEVICE_OP);
    append(out, body.toByteArray());
    return out.toByteArray();
  }

  /** Bytes: {@code Buffer() {bytes}}. */
  static byte[] buffer(byte[] bytes) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(integer(bytes.length));
    body.writeBytes(bytes);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(BUFFER_OP);
    append(out, body.toByteArray());
    return out.toByteArray();
  }

  /** A string. */
  static byte[] text(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(TEXT_PREFIX);
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    out.write(0);
    return out.toByteArray();
  }

  private static void append(ByteArrayOutputStream out, byte[] body) {
    out.writeBytes(packageLength(body.length));
    out.writeBytes(body);
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
    append(out, body.toByteArray());
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
