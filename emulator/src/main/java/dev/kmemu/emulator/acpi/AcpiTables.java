package dev.kmemu.emulator.acpi;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of a PC with one CPU (ACPI 6.5, 5.2): how it is switched off and reset, and how its
 * interrupts are wired. They lie between 0xE0000 and 0xEFFFF, where kernels look for the first.
 */
public final class AcpiTables {

  /** Where the root pointer is. */
  public static final long START = 0xE_0000;

  /** Where the last table ends at the latest. */
  public static final long END = 0xF_0000;

  private static final int ROOT_BYTES = 36;
  private static final int ROOT_OLD_BYTES = 20;
  private static final int ROOT_CHECKSUM = 8;
  private static final int ROOT_OLD_TABLE = 16;
  private static final int ROOT_TABLE = 24;
  private static final int ROOT_EXTENDED_CHECKSUM = 32;
  private static final int FACS_BYTES = 64;

  /**
   * What not every PC has.
   *
   * @param apics a local APIC and an I/O APIC
   * @param rtc the clock of a PC
   * @param hpet the event timer
   */
  public record Hardware(boolean apics, boolean rtc, boolean hpet) {}

  private final PhysicalMemory ram;
  private long next = START + FACS_BYTES;

  private AcpiTables(PhysicalMemory ram) {
    this.ram = ram;
  }

  /**
   * Writes the tables.
   *
   * @param hardware what there is beside what each PC has
   * @param virtio the virtio devices
   */
  public static void write(PhysicalMemory ram, Hardware hardware, List<MmioResource> virtio) {
    new AcpiTables(ram).write(hardware, virtio);
  }

  private void write(Hardware hardware, List<MmioResource> virtio) {
    long facs = put(facs());
    // Package elements: SLP_TYP of PM1a and PM1b, and two that are reserved.
    ByteArrayOutputStream aml = new ByteArrayOutputStream();
    aml.writeBytes(AmlWriter.name("_S5", AmlWriter.integers(0, 0, 0, 0)));
    aml.writeBytes(VirtioDescription.bytes(virtio));
    long dsdt = put(dsdt(aml.toByteArray()));
    List<Long> tables = new ArrayList<>();
    tables.add(put(FixedDescription.bytes(facs, dsdt, hardware.rtc())));
    if (hardware.apics()) {
      tables.add(put(InterruptDescription.bytes()));
    }
    if (hardware.hpet()) {
      tables.add(put(EventTimerDescription.bytes()));
    }
    AcpiTable old = new AcpiTable("RSDT", 1, AcpiTable.HEADER + tables.size() * Integer.BYTES);
    AcpiTable wide = new AcpiTable("XSDT", 1, AcpiTable.HEADER + tables.size() * Long.BYTES);
    for (int i = 0; i < tables.size(); i++) {
      old.int32(AcpiTable.HEADER + i * Integer.BYTES, tables.get(i));
      wide.int64(AcpiTable.HEADER + i * Long.BYTES, tables.get(i));
    }
    root(put(old.toBytes()), put(wide.toBytes()));
  }

  /** The FACS has neither the usual header nor a checksum: 5.2.10. */
  private static byte[] facs() {
    byte[] bytes = new byte[FACS_BYTES];
    System.arraycopy("FACS".getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, Integer.BYTES);
    put32(bytes, Integer.BYTES, FACS_BYTES);
    bytes[32] = 1;
    return bytes;
  }

  private static byte[] dsdt(byte[] aml) {
    return new AcpiTable("DSDT", 2, AcpiTable.HEADER + aml.length)
        .bytes(AcpiTable.HEADER, aml)
        .toBytes();
  }

  /** The root pointer has a header of its own: 5.2.5.3. */
  private void root(long old, long wide) {
    byte[] bytes = new byte[ROOT_BYTES];
    byte[] text = "RSD PTR \0KMEMU \2".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, bytes, 0, text.length);
    put32(bytes, ROOT_OLD_TABLE, old);
    put32(bytes, ROOT_OLD_BYTES, ROOT_BYTES);
    put32(bytes, ROOT_TABLE, wide);
    bytes[ROOT_CHECKSUM] = (byte) AcpiTable.checksum(bytes, ROOT_OLD_BYTES);
    bytes[ROOT_EXTENDED_CHECKSUM] = (byte) AcpiTable.checksum(bytes, ROOT_BYTES);
    ram.write(new PhysicalAddress(START), bytes, 0, bytes.length);
  }

  private static void put32(byte[] bytes, int at, long value) {
    for (int i = 0; i < Integer.BYTES; i++) {
      bytes[at + i] = (byte) (value >>> (8 * i));
    }
  }

  /** The FACS must be at a multiple of 64; so are all others. */
  private long put(byte[] table) {
    long at = next;
    next = (at + table.length + FACS_BYTES - 1) & -FACS_BYTES;
    if (next > END) {
      throw new IllegalStateException(
          String.format("the ACPI tables end at 0x%x, behind 0x%x", next, END));
    }
    ram.write(new PhysicalAddress(at), table, 0, table.length);
    return at;
  }
}
