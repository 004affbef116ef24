package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a Multiboot 2 kernel finds, and what it can't ask for. */
class Multiboot2ImageTest {

  private static final int MOST_TAGS = 22;

  private final PhysicalMemory ram =
      new PhysicalMemory(new AnonymousMapping(BootImageFixture.RAM_BYTES));

  @AfterEach
  void close() {
    ram.close();
  }

  private int int32(long at) {
    return ram.load32(new PhysicalAddress(at));
  }

  private String text(long at) {
    StringBuilder text = new StringBuilder();
    for (long i = at; ram.load8(new PhysicalAddress(i)) != 0; i++) {
      text.append((char) ram.load8(new PhysicalAddress(i)));
    }
    return text.toString();
  }

  /** Loads an image and returns where the body of each tag is, by its type, 0 for none. */
  private long[] load(byte[] image, BootRequest request) {
    Loaded loaded = BootImageFixture.parse(image).load(ram, request);
    long info = ((EntryState.Multiboot2) loaded.entry()).info();
    assertThat(info % 8).isZero();
    long[] tags = new long[MOST_TAGS];
    long at = info + 8;
    long end = info + int32(info);
    while (at < end) {
      tags[int32(at)] = at + 8;
      at += (int32(at + 4) + 7) & -8;
    }
    assertThat(at).as("the sizes lead to the end").isEqualTo(end);
    assertThat(tags[0]).as("the end tag comes last").isEqualTo(end);
    return tags;
  }

  @Test
  void itFindsAllTags() {
    BootModule module = new BootModule("disk", "ro", new byte[] {7, 8, 9});
    BootRequest request = new BootRequest("verbose", Optional.empty(), List.of(module));
    long[] tags = load(BootImageFixture.multiboot2(), request);

    assertThat(IntStream.range(0, MOST_TAGS).filter(type -> tags[type] != 0))
        .containsExactly(0, 1, 2, 3, 4, 6, 8);
    assertThat(text(tags[1])).isEqualTo("verbose");
    assertThat(text(tags[2])).isEqualTo("kmemu");
    assertThat(int32(tags[4])).isEqualTo(639);
    assertThat(int32(tags[4] + 4)).isEqualTo(15 * 1024);
    long start = int32(tags[3]);
    assertThat(start % 4096).isZero();
    assertThat(int32(tags[3] + 4) - start).isEqualTo(3);
    assertThat(int32(start) & 0xFFFFFF).isEqualTo(0x090807);
    assertThat(text(tags[3] + 8)).isEqualTo("disk ro");
    assertThat(int32(tags[6])).as("bytes of an entry").isEqualTo(24);
    assertThat(ram.load64(tags[6] + 8 + 3 * 24)).as("memory above 1 MiB").isEqualTo(1 << 20);
    assertThat(ram.load64(tags[8])).isEqualTo(0xB8000);
  }

  @Test
  void itIsEnteredWhereItsTagSays() {
    Loaded loaded =
        BootImageFixture.parse(BootImageFixture.multiboot2()).load(ram, BootRequest.none());
    assertThat(((EntryState.Multiboot2) loaded.entry()).eip()).isEqualTo(0x10_0100);
    assertThat(int32(0x10_0100) & 0xFF).isEqualTo(0xF4);
  }

  @Test
  void anElfKernelFindsItsSections() {
    long[] tags = load(BootImageFixture.multiboot2Elf(), BootRequest.none());
    long sections = tags[9];
    assertThat(int32(sections)).isEqualTo(3);
    assertThat(int32(sections + 4)).isEqualTo(40);
    assertThat(int32(sections + 8)).isEqualTo(2);
    assertThat(text(int32(sections + 12 + 80 + 12))).isEqualTo(".text");
  }

  @Test
  void aRequiredWishThatCanNotBeMetIsRefusedAndAnOptionalOneIsNot() {
    byte[] image = BootImageFixture.multiboot2();
    image[BootImageFixture.MULTIBOOT_HEADER + 24] = 14;
    assertThatThrownBy(() -> load(image, BootRequest.none()))
        .isInstanceOf(GuestImageException.class)
        .hasMessageContaining("information 14");
    image[BootImageFixture.MULTIBOOT_HEADER + 18] = 1;
    assertThat(load(image, BootRequest.none())[14]).isZero();
  }
}
