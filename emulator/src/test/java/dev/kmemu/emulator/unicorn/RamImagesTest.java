package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.HostMapping;
import dev.kmemu.emulator.memory.PageRuns;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.memory.RamImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RamImagesTest {

  private static final int PAGES = 8192;

  /** Both ways to keep images. */
  enum Kind {
    MAPPED,
    COPIED;

    HostMapping make(long size) {
      return this == MAPPED ? new AnonymousMapping(size) : new DirectMapping(size);
    }

    PhysicalMemory ram() {
      return new PhysicalMemory(make(PAGES * 4096L));
    }
  }

  private static PhysicalAddress page(long number) {
    return new PhysicalAddress(number * 4096);
  }

  private static long word(PhysicalMemory ram, long page) {
    return ram.load64(page(page));
  }

  @ParameterizedTest
  @EnumSource
  void whatWasWrittenSinceTheCaptureIsGoneAfterTheRestore(Kind kind) {
    try (PhysicalMemory ram = kind.ram()) {
      ram.store64(page(3), 33);
      ram.store64(page(PAGES - 1), 44);
      try (RamImage image = ram.imaging().capture()) {
        for (int round = 0; round < 3; round++) {
          ram.store64(page(3), 1);
          ram.store64(page(4), 2);
          ram.zero(page(PAGES - 1), 4096);
          ram.imaging().restore(image);
          assertThat(word(ram, 3)).isEqualTo(33);
          assertThat(word(ram, 4)).isZero();
          assertThat(word(ram, PAGES - 1)).isEqualTo(44);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRestoreNamesThePagesThatWereWritten(Kind kind) {
    try (PhysicalMemory ram = kind.ram()) {
      try (RamImage image = ram.imaging().capture()) {
        ram.store64(page(7), 1);
        ram.store64(page(8), 1);
        ram.store64(page(100), 1);
        PageRuns changed = ram.imaging().restore(image);
        assertThat(changed.count()).isEqualTo(2);
        assertThat(changed.first(0)).isEqualTo(7);
        assertThat(changed.end(0)).isEqualTo(9);
        assertThat(changed.first(1)).isEqualTo(100);
        assertThat(changed.pages()).isEqualTo(3);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anyOfManyImagesCanBeRestoredInAnyOrder(Kind kind) {
    Random random = new Random(1);
    try (PhysicalMemory ram = kind.ram()) {
      List<RamImage> images = new ArrayList<>();
      List<long[]> contents = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        for (int n = 0; n < 50; n++) {
          ram.store64(page(random.nextInt(PAGES)), random.nextInt(3));
        }
        contents.add(words(ram));
        images.add(i == 2 ? ram.imaging().copy() : ram.imaging().capture());
      }
      for (int i = 0; i < 20; i++) {
        int to = random.nextInt(4);
        ram.store64(page(random.nextInt(PAGES)), 99);
        ram.imaging().restore(images.get(to));
        assertThat(words(ram)).isEqualTo(contents.get(to));
      }
      images.forEach(RamImage::close);
      assertThat(words(ram)).hasSize(PAGES);
    }
  }

  @ParameterizedTest
  @EnumSource
  void moreWrittenPagesThanAreKeptComeBackToo(Kind kind) {
    try (PhysicalMemory ram = kind.ram()) {
      for (int i = 0; i < PAGES; i += 2) {
        ram.store64(page(i), i);
      }
      try (RamImage image = ram.imaging().capture()) {
        long[] before = words(ram);
        for (int i = 0; i < PAGES; i++) {
          ram.store64(page(i), -1);
        }
        assertThat(ram.imaging().restore(image).pages()).isEqualTo(PAGES);
        assertThat(words(ram)).isEqualTo(before);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anImageHoldsThePagesThatAreNotZeroAndStaysAsItIs(Kind kind) {
    try (PhysicalMemory ram = kind.ram()) {
      ram.store64(page(5), 55);
      ram.store64(page(6), 0);
      try (RamImage image = ram.imaging().capture()) {
        ram.store64(page(5), 56);
        ram.store64(page(9), 9);
        assertThat(image.nextPage(0)).isEqualTo(5);
        assertThat(image.nextPage(6)).isEqualTo(-1);
        byte[] contents = new byte[4096];
        image.read(5, contents, 0);
        assertThat(contents[0]).isEqualTo((byte) 55);
        image.read(9, contents, 0);
        assertThat(contents).containsOnly(0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anImageThatWasBuiltIsRestoredLikeOneThatWasTaken(Kind kind) {
    try (PhysicalMemory ram = kind.ram();
        RamImage.Builder builder = ram.imaging().newImage()) {
      ram.store64(page(1), 1);
      byte[] contents = new byte[4096];
      contents[0] = 77;
      builder.put(70, contents, 0);
      try (RamImage image = builder.finish()) {
        ram.imaging().restore(image);
        assertThat(word(ram, 1)).isZero();
        assertThat(word(ram, 70)).isEqualTo(77);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anImageOfAnotherSizeOrKindIsRefused(Kind kind) {
    try (PhysicalMemory ram = kind.ram();
        PhysicalMemory small = new PhysicalMemory(kind.make(4096));
        RamImage image = small.imaging().capture()) {
      ram.store64(page(1), 1);
      assertThatThrownBy(() -> ram.imaging().restore(image))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(word(ram, 1)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyPageThatIsNotZeroIsOccupied(Kind kind) {
    try (PhysicalMemory ram = kind.ram()) {
      ram.store64(page(1), 1);
      try (RamImage image = ram.imaging().capture()) {
        ram.store64(page(2), 2);
        assertThat(image.nextPage(0)).isEqualTo(1);
        assertThat(ram.imaging().occupied().get(1)).isTrue();
        assertThat(ram.imaging().occupied().get(2)).isTrue();
      }
    }
  }

  private static long[] words(PhysicalMemory ram) {
    long[] words = new long[PAGES];
    for (int i = 0; i < PAGES; i++) {
      words[i] = word(ram, i);
    }
    return words;
  }
}
