package dev.kmemu.emulator.acpi;

/** The HPET table: where the event timer is (IA-PC HPET specification 1.0a, 3.2.4). */
final class EventTimerDescription {

  private static final int BYTES = 56;
  private static final long ADDRESS = 0xFED0_0000L;

  /** Its capabilities, as its first register has them. */
  private static final int CAPABILITIES = 0x8086_A201;

  private static final int REGISTER_BITS = 64;
  private static final int SHORTEST_PERIOD = 128;

  private EventTimerDescription() {}

  static byte[] bytes() {
    return new AcpiTable("HPET", 1, BYTES)
        .int32(36, CAPABILITIES)
        .int8(41, REGISTER_BITS)
        .int64(44, ADDRESS)
        .int16(53, SHORTEST_PERIOD)
        .toBytes();
  }
}
