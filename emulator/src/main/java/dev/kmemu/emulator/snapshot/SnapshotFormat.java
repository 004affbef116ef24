package dev.kmemu.emulator.snapshot;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The constants of the file format, which {@code docs/snapshots.md} describes. */
final class SnapshotFormat {

  static final byte[] MAGIC = "KMEMUSNP".getBytes(StandardCharsets.US_ASCII);
  static final byte[] SECTION = "SECT".getBytes(StandardCharsets.US_ASCII);
  static final byte[] END = "END.".getBytes(StandardCharsets.US_ASCII);

  /** What this kmemu writes, and the newest that it reads. */
  static final int VERSION = 1;

  /** Of the header, with its checksum and without the engine's name. */
  static final int HEADER_BYTES = 32;

  static final int MOST_NAME_BYTES = 64;
  static final int MOST_TEXT_BYTES = 1024;
  static final int MOST_SECTION_BYTES = 1 << 30;

  /** How many times its size a packed byte can stand for. */
  static final int MOST_PACKED = 1032;

  static final Pattern NAME = Pattern.compile("[A-Za-z0-9.-]{1," + MOST_NAME_BYTES + "}");

  private SnapshotFormat() {}
}
