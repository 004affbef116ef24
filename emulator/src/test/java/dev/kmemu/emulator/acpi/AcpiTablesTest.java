package dev.kmemu.emulator.acpi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.device.AcpiEvents;
import dev.kmemu.emulator.device.Hpet;
import dev.kmemu.emulator.device.PowerControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The tables as a kernel walks them from their root. */
class AcpiTablesTest {

  private final PhysicalMemory ram = new PhysicalMemory(new DirectMapping(1 << 20));

  private byte[] bytes(long at, int length) {
    byte[] bytes = new byte[length];
    ram.read(new PhysicalAddress(at), bytes, 0, length);
    return bytes;
  }

  private long int32(long at) {
    return ram.load32(new PhysicalAddress(at)) & 0xFFFF_FFFFL;
  }

  private int int8(long at) {
    return ram.load8(new PhysicalAddress(at));
  }

  private String text(long at, int length) {
    return new String(bytes(at, length), StandardCharsets.US_ASCII);
  }

  private int sum(long at, int length) {
    int sum = 0;
    for (byte b : bytes(at, length)) {
      sum += b;
    }
    return sum & 0xFF;
  }

  /** Returns the addresses of the tables that the XSDT names. */
  private List<Long> tables() {
    long xsdt = ram.load64(AcpiTables.START + 24);
    assertThat(text(xsdt, 4)).isEqualTo("XSDT");
    assertThat(sum(xsdt, (int) int32(xsdt + 4))).isZero();
    List<Long> tables = new ArrayList<>();
    for (long at = xsdt + 36; at < xsdt + int32(xsdt + 4); at += 8) {
      tables.add(int32(at));
    }
    return tables;
  }

  private long table(String signature) {
    for (long at : tables()) {
      if (text(at, 4).equals(signature)) {
        assertThat(sum(at, (int) int32(at + 4))).as("sum of %s", signature).isZero();
        return at;
      }
    }
    throw new AssertionError("no " + signature);
  }

  @Test
  void theRootLeadsToBothTablesOfTables() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    assertThat(text(AcpiTables.START, 8)).isEqualTo("RSD PTR ");
    assertThat(int8(AcpiTables.START + 15)).isEqualTo(2);
    assertThat(sum(AcpiTables.START, 20)).isZero();
    assertThat(sum(AcpiTables.START, 36)).isZero();
    long rsdt = int32(AcpiTables.START + 16);
    assertThat(text(rsdt, 4)).isEqualTo("RSDT");
    assertThat(sum(rsdt, (int) int32(rsdt + 4))).isZero();
    assertThat(List.of(int32(rsdt + 36), int32(rsdt + 40), int32(rsdt + 44))).isEqualTo(tables());
  }

  @Test
  void theFadtNamesTheRegistersThatThereAre() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    long fadt = table("FACP");
    assertThat(int32(fadt + 4)).as("length of revision 3").isEqualTo(244);
    assertThat(int32(fadt + 56)).isEqualTo(AcpiEvents.EVENTS);
    assertThat(int32(fadt + 64)).isEqualTo(PowerControl.PM1A_CONTROL);
    assertThat(int32(fadt + 76)).isEqualTo(AcpiEvents.TIMER);
    assertThat(bytes(fadt + 116, 13))
        .as("reset: I/O, 8 bits, byte access, 0xcf9, value 6")
        .containsExactly(1, 8, 0, 1, (byte) 0xF9, 0x0C, 0, 0, 0, 0, 0, 0, 6);
    long facs = int32(fadt + 36);
    assertThat(facs % 64).isZero();
    assertThat(text(facs, 4)).isEqualTo("FACS");
    assertThat(int8(fadt + 109)).as("ISA devices and an 8042").isEqualTo(3);
  }

  @Test
  void theDsdtSaysHowToSwitchOff() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    long dsdt = int32(table("FACP") + 40);
    assertThat(text(dsdt, 4)).isEqualTo("DSDT");
    assertThat(sum(dsdt, (int) int32(dsdt + 4))).isZero();
    assertThat(bytes(dsdt + 36, 12)).containsExactly(8, '_', 'S', '5', '_', 0x12, 6, 4, 0, 0, 0, 0);
  }

  @Test
  void theMadtTellsOfTheApicsAndTheTimersPin() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    long madt = table("APIC");
    assertThat(int32(madt + 36)).isEqualTo(0xFEE0_0000L);
    List<String> entries = new ArrayList<>();
    long at = madt + 44;
    for (; at < madt + int32(madt + 4); at += int8(at + 1)) {
      entries.add(HexFormat.of().formatHex(bytes(at, int8(at + 1))));
    }
    assertThat(at).as("entries end with the table").isEqualTo(madt + int32(madt + 4));
    assertThat(entries)
        .containsExactly(
            "0008000001000000",
            "010c00000000c0fe00000000",
            "020a0000020000000000",
            "020a0009090000000d00",
            "0406ff000001");
  }

  @Test
  void theHpetTableHasTheCapabilitiesOfTheDevice() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    long hpet = table("HPET");
    assertThat(int32(hpet + 4)).isEqualTo(56);
    assertThat((int) int32(hpet + 36)).isEqualTo(Hpet.CAPABILITIES);
    assertThat(bytes(hpet + 40, 4)).as("in memory, 64 bits wide").containsExactly(0, 64, 0, 0);
    assertThat(int32(hpet + 44)).isEqualTo(Hpet.ADDRESS.value());
  }

  @Test
  void whatIsAbsentIsNotDescribed() {
    AcpiTables.write(ram, new AcpiTables.Hardware(false, false, false), List.of());
    assertThat(tables()).hasSize(1);
    assertThat(int8(table("FACP") + 109)).as("no clock").isEqualTo(3 | 1 << 5);
  }
}
