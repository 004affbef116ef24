package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.VirtualAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElfImageTest {

  private final ElfImage image = ElfImage.parse("two", ElfFixture.twoSegments());

  @Test
  void segmentsComeInTheOrderOfTheirPhysicalAddresses() {
    assertThat(image.segments())
        .extracting(s -> s.physical().value())
        .containsExactly(0x100000L, 0x200000L);
    assertThat(image.segments().get(0).isExecutable()).isTrue();
    assertThat(image.segments().get(0).isWritable()).isFalse();
    assertThat(image.segments().get(1).isExecutable()).isFalse();
    assertThat(image.segments().get(1).isWritable()).isTrue();
    assertThat(image.physicalStart()).isEqualTo(new PhysicalAddress(0x100000));
    assertThat(image.physicalEnd()).isEqualTo(new PhysicalAddress(0x202000));
    assertThat(image.entry()).isEqualTo(new VirtualAddress(0xFFFFFFFF80100000L));
  }

  @Test
  void loadingCopiesTheFileAndZeroesTheRest() {
    try (PhysicalMemory ram = new PhysicalMemory(new DirectMapping(4 << 20))) {
      ram.store64(new PhysicalAddress(0x200000), -1);
      ram.store64(new PhysicalAddress(0x201FF8), -1);
      ram.store64(new PhysicalAddress(0x202000), -1);
      image.loadInto(ram);
      assertThat(ram.load64(new PhysicalAddress(0x200000))).isEqualTo(0x04030201);
      assertThat(ram.load64(new PhysicalAddress(0x201FF8))).isZero();
      assertThat(ram.load64(new PhysicalAddress(0x202000))).isEqualTo(-1);
      assertThat(ram.load8(new PhysicalAddress(0x100063))).isEqualTo(0x90);
      assertThat(ram.load8(new PhysicalAddress(0x100064))).isZero();
    }
  }

  @Test
  void anImageThatDoesNotFitWritesNothingAndSaysHowMuchRamItNeeds() {
    try (PhysicalMemory ram = new PhysicalMemory(new DirectMapping(2 << 20))) {
      assertThatThrownBy(() -> image.loadInto(ram))
          .isInstanceOfSatisfying(
              GuestImageException.class,
              e -> assertThat(e.reason()).isEqualTo(Reason.DOES_NOT_FIT_RAM))
          .hasMessage(
              "two: needs RAM at [0x200000, 0x202000), the guest has [0x0, 0x200000)"
                  + " (give it at least 3M)");
      assertThat(ram.isZero(new PhysicalAddress(0), 2 << 20)).isTrue();
    }
  }

  @Test
  void virtualAddressesAreFoundInTheirSegments() {
    assertThat(image.physicalOf(new VirtualAddress(0xFFFFFFFF80201FFFL)))
        .contains(new PhysicalAddress(0x201FFF));
    assertThat(image.physicalOf(new VirtualAddress(0xFFFFFFFF80202000L))).isEmpty();
    assertThat(image.physicalOf(new VirtualAddress(0xFFFFFFFF800FFFFFL))).isEmpty();
  }

  @Test
  void aGlobalSymbolWinsOverALocalOne() {
    ElfSymbolTable symbols = image.symbols();
    assertThat(symbols.address("counter")).contains(new VirtualAddress(0xFFFFFFFF80200004L));
    assertThat(symbols.address("missing")).isEmpty();
    assertThat(symbols.size()).isEqualTo(3);
  }

  @Test
  void anAddressIsNamedAfterTheClosestSymbolBelowIt() {
    ElfSymbolTable symbols = image.symbols();
    assertThat(symbols.locate(new VirtualAddress(0xFFFFFFFF80100000L)))
        .hasToString("Optional[start]");
    assertThat(symbols.locate(new VirtualAddress(0xFFFFFFFF80100005L)))
        .hasToString("Optional[start+0x5]");
    assertThat(symbols.locate(new VirtualAddress(0))).isEmpty();
  }

  @Test
  void aFileIsReadAsItsBytes(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("two.elf");
    Files.write(file, ElfFixture.twoSegments());
    assertThat(ElfImage.read(file).segments()).isEqualTo(image.segments());
  }
}
