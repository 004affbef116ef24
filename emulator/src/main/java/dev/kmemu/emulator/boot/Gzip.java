package dev.kmemu.emulator.boot;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Images that gzip has compressed (RFC 1952). */
final class Gzip {

  /** Larger than any kernel; what unpacks to more isn't one. */
  static final int LARGEST = 256 << 20;

  private static final int MAGIC = 0x8B1F;

  /** The one method that there is; code that begins with the magic number goes on otherwise. */
  private static final int DEFLATE = 8;

  private Gzip() {}

  /** Returns the file unpacked, or itself when it isn't compressed. */
  static ImageFile unpacked(ImageFile file) {
    return unpacked(file, LARGEST);
  }

  /** The same with another limit in bytes. */
  static ImageFile unpacked(ImageFile file, int largest) {
    if (!file.has(0, 3) || file.int16(0) != MAGIC || file.int8(2) != DEFLATE) {
      return file;
    }
    byte[] bytes;
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(file.bytes()))) {
      bytes = in.readNBytes(largest + 1);
    } catch (IOException e) {
      GuestImageException refused =
          new GuestImageException(
              Reason.MALFORMED_HEADER,
              file.name(),
              "is compressed by gzip, but " + damage(e),
              "copy it again");
      refused.initCause(e);
      throw refused;
    }
    if (bytes.length > largest) {
      throw new GuestImageException(
          Reason.TOO_LARGE,
          file.name(),
          "unpacks to more than " + largest + " bytes",
          "unpack it, and name what is to be booted");
    }
    return new ImageFile(file.name(), bytes);
  }

  private static String damage(IOException e) {
    return e instanceof EOFException ? "ends too early" : "damaged: " + e.getMessage();
  }
}
