package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.acpi.AcpiTables;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the ACPI tables are, as each protocol tells it. */
class RootPointerTest {

  private final PhysicalMemory ram =
      new PhysicalMemory(new DirectMapping(BootImageFixture.RAM_BYTES));

  @Test
  void thereIsNoneWithoutTablesOrWithAWrongSum() {
    assertThat(RootPointer.find(ram)).isEmpty();
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    assertThat(RootPointer.find(ram)).hasValue(AcpiTables.START);
    ram.store8(new PhysicalAddress(AcpiTables.START + 20), 0);
    assertThat(RootPointer.find(ram)).isEmpty();
  }

  @Test
  void linuxAndPvhKernelsGetItsAddress() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    EntryState linux = load(BootImageFixture.linux()).entry();
    assertThat(ram.load64(new PhysicalAddress(((EntryState.Linux64) linux).zeroPage() + 0x70)))
        .isEqualTo(AcpiTables.START);
    PhysicalMemory other = new PhysicalMemory(new DirectMapping(BootImageFixture.RAM_BYTES));
    AcpiTables.write(other, new AcpiTables.Hardware(true, true, true), List.of());
    EntryState pvh =
        BootImageFixture.parse(BootImageFixture.pvh()).load(other, BootRequest.none()).entry();
    assertThat(other.load64(new PhysicalAddress(((EntryState.Pvh) pvh).startInfo() + 32)))
        .isEqualTo(AcpiTables.START);
  }

  private Loaded load(byte[] image) {
    return BootImageFixture.parse(image).load(ram, BootRequest.none());
  }

  @Test
  void aMultiboot2KernelGetsACopy() {
    AcpiTables.write(ram, new AcpiTables.Hardware(true, true, true), List.of());
    Loaded loaded = load(BootImageFixture.multiboot2());
    long info =
        loaded.parts().stream()
            .filter(part -> part.what().equals("Multiboot 2 information"))
            .findFirst()
            .orElseThrow()
            .start()
            .value();
    long at = info + 8;
    while (ram.load32(new PhysicalAddress(at)) != 15) {
      assertThat(ram.load32(new PhysicalAddress(at))).as("the end comes first").isNotZero();
      at = (at + ram.load32(new PhysicalAddress(at + 4)) + 7) & -8;
    }
    byte[] copy = new byte[36];
    byte[] root = new byte[36];
    ram.read(new PhysicalAddress(at + 8), copy, 0, 36);
    ram.read(new PhysicalAddress(AcpiTables.START), root, 0, 36);
    assertThat(copy).isEqualTo(root);
  }
}
