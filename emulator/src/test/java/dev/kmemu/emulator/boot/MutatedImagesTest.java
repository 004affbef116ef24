package dev.kmemu.emulator.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Damaged images are loaded, or refused in one line; nothing else ever happens. */
class MutatedImagesTest {

  private static final int[] NUMBERS = {0, 1, -1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF, 0x1000, 0xFF};

  /** One for all: what an earlier image left behind mustn't matter. */
  private static final PhysicalMemory RAM =
      new PhysicalMemory(new AnonymousMapping(BootImageFixture.RAM_BYTES));

  private static byte[] mutated(byte[] good, Random random) {
    byte[] image = good.clone();
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(image.length);
      switch (random.nextInt(5)) {
        case 0 -> image[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> image[at] = (byte) random.nextInt();
        case 2, 3 -> {
          int number = NUMBERS[random.nextInt(NUMBERS.length)];
          for (int b = 0; b < 4; b++) {
            int target = (at & -4) + b;
            if (target < image.length) {
              image[target] = (byte) (number >> (8 * b));
            }
          }
        }
        default -> {
          // A field takes another's place: segments overlap, sizes are addresses.
          int from = random.nextInt(image.length);
          int count = Math.min(8, image.length - Math.max(at, from));
          System.arraycopy(image, from, image, at, count);
        }
      }
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(image, random.nextInt(image.length + 1)) : image;
  }

  private static void assertLoadedOrRefused(byte[] image, BootRequest request) {
    assertLoadedOrRefused(() -> BootImageFixture.parse(image).load(RAM, request));
  }

  private static void assertLoadedOrRefused(Supplier<Loaded> loader) {
    try {
      Loaded loaded = loader.get();
      long end = 0;
      for (LoadedPart part : loaded.parts()) {
        assertThat(part.start().value()).as("%s overlaps", part).isGreaterThanOrEqualTo(end);
        end = part.end().value();
      }
      assertThat(end).isLessThanOrEqualTo(RAM.size());
    } catch (GuestImageException e) {
      assertThat(e).hasMessageStartingWith("image: ").message().endsWith(")").hasLineCount(1);
    }
  }

  private static BootRequest withModules() {
    BootModule module = new BootModule("m", "x", new byte[] {1, 2, 3});
    return new BootRequest("a b", Optional.empty(), List.of(module, module));
  }

  @Property(tries = 2000)
  void aMultibootImageWithAddresses(@ForAll Random random) {
    assertLoadedOrRefused(mutated(BootImageFixture.multiboot(), random), withModules());
  }

  @Property(tries = 2000)
  void aMultibootImageInElf(@ForAll Random random) {
    assertLoadedOrRefused(mutated(BootImageFixture.multibootElf(), random), withModules());
  }

  @Property(tries = 2000)
  void aMultiboot2ImageWithAddresses(@ForAll Random random) {
    assertLoadedOrRefused(mutated(BootImageFixture.multiboot2(), random), withModules());
  }

  @Property(tries = 2000)
  void aMultiboot2ImageInElf(@ForAll Random random) {
    assertLoadedOrRefused(mutated(BootImageFixture.multiboot2Elf(), random), withModules());
  }

  @Property(tries = 2000)
  void aPvhImage(@ForAll Random random) {
    assertLoadedOrRefused(mutated(BootImageFixture.pvh(), random), withModules());
  }

  @Property(tries = 2000)
  void aLinuxImage(@ForAll Random random) {
    BootModule initrd = new BootModule("i", "", new byte[5000]);
    BootRequest request = new BootRequest("a b", Optional.of(initrd), List.of());
    assertLoadedOrRefused(mutated(BootImageFixture.linux(), random), request);
  }

  @Property(tries = 2000)
  void aCompressedImage(@ForAll Random random) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(BootImageFixture.multiboot());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertLoadedOrRefused(mutated(bytes.toByteArray(), random), BootRequest.none());
  }

  @Property(tries = 2000)
  void aFlatImageOfAnySizeAtAnyAddress(@ForAll Random random) {
    byte[] image = new byte[random.nextInt(random.nextBoolean() ? 64 : 3 << 20)];
    BootImages.Format[] formats = {
      BootImages.Format.FLAT16, BootImages.Format.FLAT32, BootImages.Format.FLAT64
    };
    long address =
        switch (random.nextInt(4)) {
          case 0 -> random.nextLong();
          case 1 -> BootImageFixture.RAM_BYTES - random.nextInt(1 << 20);
          case 2 -> NUMBERS[random.nextInt(NUMBERS.length)] & 0xFFFF_FFFFL;
          default -> random.nextInt(4 << 20);
        };
    BootImages.Format format = formats[random.nextInt(formats.length)];
    assertLoadedOrRefused(
        () ->
            BootImages.parse("image", image, format, OptionalLong.of(address))
                .load(RAM, BootRequest.none()));
  }

  /** What {@code run} loads. */
  @Property(tries = 2000)
  void aProgramInElf(@ForAll Random random) {
    byte[] image = mutated(ElfFixture.twoSegments(), random);
    try {
      ElfImage.parse("image", image).loadInto(RAM);
    } catch (GuestImageException e) {
      assertThat(e).hasMessageStartingWith("image: ").message().endsWith(")").hasLineCount(1);
    }
  }
}
