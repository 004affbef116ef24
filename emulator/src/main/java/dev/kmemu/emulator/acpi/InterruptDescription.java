package dev.kmemu.emulator.acpi;

/** The MADT: one CPU, one I/O APIC, and how ISA lines lead to it (ACPI 6.5, 5.2.12). */
final class InterruptDescription {

  private static final int BYTES = 36 + 8 + 8 + 12 + 10 + 10 + 6;
  private static final long LOCAL_APIC = 0xFEE0_0000L;
  private static final long IO_APIC = 0xFEC0_0000L;
  private static final int HAS_8259 = 1;
  private static final int ENABLED = 1;
  private static final int ALL_CPUS = 0xFF;
  private static final int TIMER_PIN = 2;

  /** Active high, level. */
  private static final int LEVEL = 0xD;

  private InterruptDescription() {}

  static byte[] bytes() {
    AcpiTable table = new AcpiTable("APIC", 3, BYTES);
    table.int32(36, LOCAL_APIC).int32(40, HAS_8259);
    // A CPU, its UID and its APIC's ID being 0.
    table.int8(44, 0).int8(45, 8).int32(48, ENABLED);
    // An I/O APIC with the ID 0, whose first interrupt is 0.
    table.int8(52, 1).int8(53, 12).int32(56, IO_APIC);
    override(table, 64, 0, TIMER_PIN, 0);
    override(table, 74, FixedDescription.SCI, FixedDescription.SCI, LEVEL);
    // NMI is LINT1.
    table.int8(84, 4).int8(85, 6).int8(86, ALL_CPUS).int8(89, 1);
    return table.toBytes();
  }

  private static void override(AcpiTable table, int at, int line, int pin, int flags) {
    table.int8(at, 2).int8(at + 1, 10).int8(at + 3, line).int32(at + 4, pin).int16(at + 8, flags);
  }
}
