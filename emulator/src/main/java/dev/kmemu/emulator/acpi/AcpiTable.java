package dev.kmemu.emulator.acpi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A table that begins with the header that most have (ACPI 6.5, 5.2.6). */
final class AcpiTable {

  /** Bytes of the header. */
  static final int HEADER = 36;

  private static final int LENGTH = 4;
  private static final int REVISION = 8;
  private static final int CHECKSUM = 9;
  private static final int OEM_ID = 10;
  private static final int OEM_TABLE_ID = 16;
  private static final int OEM_REVISION = 24;
  private static final int CREATOR_ID = 28;
  private static final int CREATOR_REVISION = 32;

  private final ByteBuffer bytes;

  AcpiTable(String signature, int revision, int length) {
    bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    text(0, signature);
    int32(LENGTH, length);
    int8(REVISION, revision);
    text(OEM_ID, "KMEMU ");
    text(OEM_TABLE_ID, "KMEMUPC ");
    int32(OEM_REVISION, 1);
    text(CREATOR_ID, "KMEM");
    int32(CREATOR_REVISION, 1);
  }

  AcpiTable text(int at, String text) {
    bytes.put(at, text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  AcpiTable int8(int at, int value) {
    bytes.put(at, (byte) value);
    return this;
  }

  AcpiTable int16(int at, int value) {
    bytes.putShort(at, (short) value);
    return this;
  }

  AcpiTable int32(int at, long value) {
    bytes.putInt(at, (int) value);
    return this;
  }

  AcpiTable int64(int at, long value) {
    bytes.putLong(at, value);
    return this;
  }

  AcpiTable bytes(int at, byte[] value) {
    bytes.put(at, value);
    return this;
  }

  /** Writes where a register is in the I/O space (5.2.3.2). */
  AcpiTable port(int at, int port, int bits) {
    int accessSize = Integer.numberOfTrailingZeros(bits) - 2;
    return int8(at, 1).int8(at + 1, bits).int8(at + 3, accessSize).int64(at + 4, port);
  }

  /** Returns the table with its checksum. */
  byte[] toBytes() {
    int8(CHECKSUM, 0);
    int8(CHECKSUM, checksum(bytes.array(), bytes.capacity()));
    return bytes.array();
  }

  /** Returns what makes the sum of the first {@code count} bytes 0. */
  static int checksum(byte[] bytes, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      sum += bytes[i];
    }
    return -sum & 0xFF;
  }
}
