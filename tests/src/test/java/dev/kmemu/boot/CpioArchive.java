package dev.kmemu.boot;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Builds an initial RAM disk, a cpio archive of the kind newc. */
final class CpioArchive {

  private static final int DIRECTORY = 0040755;
  private static final int PROGRAM = 0100755;
  private static final int CHARACTER_DEVICE = 0020600;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int inodes;

  CpioArchive directory(String name) {
    return entry(name, DIRECTORY, new byte[0], 0, 0);
  }

  CpioArchive program(String name, byte[] contents) {
    return entry(name, PROGRAM, contents, 0, 0);
  }

  CpioArchive device(String name, int major, int minor) {
    return entry(name, CHARACTER_DEVICE, new byte[0], major, minor);
  }

  byte[] finish() {
    entry("TRAILER!!!", 0, new byte[0], 0, 0);
    return out.toByteArray();
  }

  private CpioArchive entry(String name, int mode, byte[] contents, int major, int minor) {
    int[] fields = {
      ++inodes, mode, 0, 0, 1, 0, contents.length, 0, 0, major, minor, name.length() + 1, 0
    };
    StringBuilder header = new StringBuilder("070701");
    for (int field : fields) {
      header.append(String.format("%08x", field));
    }
    out.writeBytes((header + name + "\0").getBytes(StandardCharsets.US_ASCII));
    pad();
    out.writeBytes(contents);
    pad();
    return this;
  }

  private void pad() {
    out.writeBytes(new byte[-out.size() & 3]);
  }
}
