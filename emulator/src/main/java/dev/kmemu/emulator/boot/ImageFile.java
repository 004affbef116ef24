package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a file that is to be loaded, little-endian. Offsets that don't exist are errors. */
final class ImageFile {

  private final String name;
  private final byte[] bytes;
  private final ByteBuffer buffer;

  /**
   * Wraps the bytes of a file, which the caller mustn't change afterwards.
   *
   * @param name what messages call it
   */
  ImageFile(String name, byte[] bytes) {
    this.name = name;
    this.bytes = bytes;
    this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a file.
   *
   * @param what what it should be, for messages
   * @throws GuestImageException when it can't be read
   */
  static ImageFile read(Path path, String what) {
    String name = path.toString();
    if (!Files.isRegularFile(path)) {
      throw new GuestImageException(
          Reason.UNREADABLE,
          name,
          Files.exists(path) ? "isn't a regular file" : "no such file",
          "name " + what);
    }
    try {
      long size = Files.size(path);
      if (size > ElfImage.MAX_FILE_BYTES) {
        throw new GuestImageException(
            Reason.TOO_LARGE,
            name,
            "has " + size + " bytes, the limit is " + ElfImage.MAX_FILE_BYTES,
            "name a smaller file");
      }
      return new ImageFile(name, Files.readAllBytes(path));
    } catch (IOException e) {
      GuestImageException refused =
          new GuestImageException(
              Reason.UNREADABLE, name, "can't be read: " + e, "check its permissions");
      refused.initCause(e);
      throw refused;
    }
  }

  String name() {
    return name;
  }

  byte[] bytes() {
    return bytes;
  }

  int size() {
    return bytes.length;
  }

  /** Whether {@code length} bytes at {@code offset} exist, both unsigned. */
  boolean has(long offset, long length) {
    return offset >= 0 && length >= 0 && length <= bytes.length && offset <= bytes.length - length;
  }

  int int8(long offset) {
    return buffer.get(checked(offset, Byte.BYTES)) & 0xFF;
  }

  int int16(long offset) {
    return buffer.getShort(checked(offset, Short.BYTES)) & 0xFFFF;
  }

  int int32(long offset) {
    return buffer.getInt(checked(offset, Integer.BYTES));
  }

  long unsigned32(long offset) {
    return int32(offset) & 0xFFFF_FFFFL;
  }

  long int64(long offset) {
    return buffer.getLong(checked(offset, Long.BYTES));
  }

  /** Whether the file has {@code text} at {@code offset}. */
  boolean hasText(long offset, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    if (!has(offset, wanted.length)) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (bytes[(int) offset + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private int checked(long offset, int length) {
    if (!has(offset, length)) {
      throw new GuestImageException(
          Reason.TRUNCATED,
          name,
          String.format("needs %d bytes at 0x%x, the file ends at 0x%x", length, offset, size()),
          "copy it again");
    }
    return (int) offset;
  }
}
