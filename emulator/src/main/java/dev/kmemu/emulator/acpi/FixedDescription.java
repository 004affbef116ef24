package dev.kmemu.emulator.acpi;

/** The FADT: which fixed hardware there is, and where (ACPI 6.5, 5.2.9; revision 3 of it). */
final class FixedDescription {

  /** Where the PM1a event block is, which has a status and an enable register. */
  static final int PM1A_EVENT = 0x600;

  /** Where the PM1a control register is. */
  static final int PM1A_CONTROL = 0x604;

  /** Where the power management timer is. */
  static final int TIMER = 0x608;

  /** The interrupt of events. */
  static final int SCI = 9;

  private static final int BYTES = 244;
  private static final int RESET_PORT = 0xCF9;
  private static final int RESET_VALUE = 6;
  private static final int DESKTOP = 1;
  private static final int NO_C2 = 101;
  private static final int NO_C3 = 1001;
  private static final int CENTURY = 0x32;

  /** ISA devices and an 8042. */
  private static final int BOOT_ARCHITECTURE = 3;

  private static final int NO_RTC = 1 << 5;

  /**
   * WBINVD, C1, a fixed power button, no fixed sleep button, no fixed RTC wake-up, a timer of 32
   * bits, a reset register.
   */
  private static final int FLAGS = 1 | 1 << 2 | 1 << 5 | 1 << 6 | 1 << 8 | 1 << 10;

  private FixedDescription() {}

  static byte[] bytes(long facs, long dsdt, boolean rtc) {
    AcpiTable table = new AcpiTable("FACP", 3, BYTES);
    table.int32(36, facs).int32(40, dsdt).int8(45, DESKTOP).int16(46, SCI);
    table.int32(56, PM1A_EVENT).int32(64, PM1A_CONTROL).int32(76, TIMER);
    table.int8(88, 4).int8(89, 2).int8(91, 4);
    table.int16(96, NO_C2).int16(98, NO_C3).int8(108, CENTURY);
    table.int16(109, BOOT_ARCHITECTURE | (rtc ? 0 : NO_RTC)).int32(112, FLAGS);
    table.port(116, RESET_PORT, Byte.SIZE).int8(128, RESET_VALUE);
    table.int64(132, facs).int64(140, dsdt);
    table.port(148, PM1A_EVENT, 32).port(172, PM1A_CONTROL, 16).port(208, TIMER, 32);
    return table.toBytes();
  }
}
