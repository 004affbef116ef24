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
    AcpiTables.write(ram, true, true, List.of());
    assertThat(RootPointer.find(ram)).hasValue(AcpiTables.START);
    ram.store8(new PhysicalAddress(AcpiTables.START + 20), 0);
    assertThat(RootPointer.find(ram)).isEmpty();
  }

  @Test
  void aMultiboot2KernelGetsACopy() {
    AcpiTables.write(ram, true, true, List.of());
    Loaded loaded =
        BootImageFixture.parse(BootImageFixture.multiboot2()).load(ram, BootRequest.none());
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
