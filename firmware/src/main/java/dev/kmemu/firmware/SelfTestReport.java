package dev.kmemu.firmware;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * One record of the array at the symbol {@code selftest_report}.
 *
 * <p>The guest fills record {@code sequence} mod {@link #RECORDS}, then writes that index to {@link
 * FirmwarePorts#REPORT}: the host reads the record before it lets the guest go on. In memory,
 * little-endian: event (4 bytes), detail (4), kva, value, expected, rip, sequence (8 each).
 *
 * @param event what happened; it gives the other fields their meaning
 * @param detail a range kind's code or a vector
 * @param kva the address it is about
 * @param value what was found there
 * @param expected what should have been there
 * @param rip the instruction, for faults
 * @param sequence the number of the report, from 0
 */
public record SelfTestReport(
    SelfTestEvent event, int detail, long kva, long value, long expected, long rip, long sequence) {

  /** Bytes of a record. */
  public static final int BYTES = 48;

  /** Records of the array. */
  public static final int RECORDS = 64;

  /** Returns the offset of record {@code index} in the array. */
  public static long offset(int index) {
    if (index < 0 || index >= RECORDS) {
      throw new IllegalArgumentException(
          "report index must be 0 to " + (RECORDS - 1) + ", got " + index);
    }
    return (long) index * BYTES;
  }

  /**
   * Decodes a record.
   *
   * @throws IllegalArgumentException when {@code bytes} isn't {@link #BYTES} long or holds no event
   */
  public static SelfTestReport decode(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "a self-test report has " + BYTES + " bytes, got " + bytes.length);
    }
    ByteBuffer record = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int code = record.getInt();
    SelfTestEvent event =
        SelfTestEvent.ofCode(code)
            .orElseThrow(
                () -> new IllegalArgumentException("no self-test event has the code " + code));
    return new SelfTestReport(
        event,
        record.getInt(),
        record.getLong(),
        record.getLong(),
        record.getLong(),
        record.getLong(),
        record.getLong());
  }

  /** Returns the record as the guest writes it. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(event.code())
        .putInt(detail)
        .putLong(kva)
        .putLong(value)
        .putLong(expected)
        .putLong(rip)
        .putLong(sequence)
        .array();
  }

  @Override
  public String toString() {
    return String.format(
        "%s detail=%d kva=0x%016x value=0x%x expected=0x%x rip=0x%x",
        event, detail, kva, value, expected, rip);
  }
}
