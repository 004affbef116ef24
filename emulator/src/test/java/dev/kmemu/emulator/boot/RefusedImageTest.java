package dev.kmemu.emulator.boot;

import static dev.kmemu.emulator.boot.ElfFixture.twoSegments;
import static dev.kmemu.emulator.boot.ElfFixture.with16;
import static dev.kmemu.emulator.boot.ElfFixture.with64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kmemu.emulator.boot.GuestImageException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every image that can't be loaded is refused with its reason, in one line. */
class RefusedImageTest {

  private static final int FILE_OFFSET = ElfFixture.FIRST_SEGMENT + ElfFixture.P_OFFSET;
  private static final int FILE_SIZE = ElfFixture.FIRST_SEGMENT + ElfFixture.P_FILESZ;
  private static final int MEMORY_SIZE = ElfFixture.FIRST_SEGMENT + ElfFixture.P_MEMSZ;

  @Test
  void aFileThatIsMissing(@TempDir Path directory) {
    assertRefused(
        () -> ElfImage.read(directory.resolve("none.elf")), Reason.UNREADABLE, "no such file");
    assertRefused(() -> ElfImage.read(directory), Reason.UNREADABLE, "isn't a regular file");
  }

  @Test
  void aFileWithoutBytes() {
    assertRefused(new byte[0], Reason.EMPTY, "is empty");
  }

  @Test
  void aFileThatEndsInsideItsHeaders() {
    assertRefused(new byte[] {0x7F, 'E'}, Reason.TRUNCATED, "has 2 bytes");
    assertRefused(Arrays.copyOf(twoSegments(), 63), Reason.TRUNCATED, "has 63 bytes");
    assertRefused(Arrays.copyOf(twoSegments(), 64), Reason.TRUNCATED, "the file ends at 0x40");
  }

  @Test
  void aFileOfAnotherFormat() {
    assertRefused(
        "#!/bin/sh\n".getBytes(StandardCharsets.US_ASCII),
        Reason.NOT_ELF,
        "begins with 0x23212f62");
  }

  @Test
  void anElfFileForAnotherMachine() {
    byte[] elf32 = twoSegments();
    elf32[4] = 1;
    assertRefused(elf32, Reason.WRONG_CLASS, "class 1");
    byte[] bigEndian = twoSegments();
    bigEndian[5] = 2;
    assertRefused(bigEndian, Reason.WRONG_BYTE_ORDER, "byte order 2");
    assertRefused(
        with16(twoSegments(), ElfFixture.E_MACHINE, 183), Reason.WRONG_MACHINE, "machine 183");
  }

  @Test
  void anElfFileThatIsNotAnExecutable() {
    assertRefused(with16(twoSegments(), ElfFixture.E_TYPE, 3), Reason.WRONG_TYPE, "-no-pie");
  }

  @Test
  void headersThatTheFormatDoesNotAllow() {
    assertRefused(
        with16(twoSegments(), ElfFixture.E_PHENTSIZE, 32), Reason.MALFORMED_HEADER, "of 32 bytes");
    assertRefused(
        with16(twoSegments(), ElfFixture.E_PHNUM, 0xFFFF), Reason.MALFORMED_HEADER, "65535");
    assertRefused(
        with64(twoSegments(), ElfFixture.E_PHOFF, -8), Reason.TRUNCATED, "0xfffffffffffffff8");
  }

  @Test
  void nothingToLoad() {
    assertRefused(
        with16(twoSegments(), ElfFixture.E_PHNUM, 0), Reason.NOTHING_TO_LOAD, "no program headers");
    assertRefused(
        new ElfFixture().segment(0x1000, 0x1000, new byte[0], 0, 4).build(),
        Reason.NOTHING_TO_LOAD,
        "no segment to load");
  }

  @Test
  void aSegmentWhoseBytesAreNotInTheFile() {
    assertRefused(
        with64(twoSegments(), FILE_OFFSET, 1 << 20), Reason.SEGMENT_OUTSIDE_FILE, "segment 0");
    assertRefused(with64(twoSegments(), FILE_OFFSET, -1), Reason.SEGMENT_OUTSIDE_FILE, "segment 0");
    assertRefused(
        with64(twoSegments(), FILE_SIZE, Long.MAX_VALUE), Reason.SEGMENT_OUTSIDE_FILE, "segment 0");
    assertRefused(with64(twoSegments(), FILE_SIZE, -1), Reason.SEGMENT_OUTSIDE_FILE, "segment 0");
  }

  @Test
  void aSegmentThatIsLargerInTheFileThanInMemory() {
    assertRefused(
        with64(twoSegments(), MEMORY_SIZE, 3), Reason.MALFORMED_SEGMENT, "only 0x3 in memory");
  }

  @Test
  void aSegmentThatNoAddressReaches() {
    assertRefused(with64(twoSegments(), MEMORY_SIZE, -1), Reason.MALFORMED_SEGMENT, "52 address");
    assertRefused(
        new ElfFixture().segment(0x1000, -0x1000, new byte[1], 0x1001, 4).build(),
        Reason.MALFORMED_SEGMENT,
        "wraps around");
  }

  @Test
  void aSegmentWithoutALoadAddressOfItsOwn() {
    long virtual = 0xFFFFFFFF80000000L;
    assertRefused(
        new ElfFixture().segment(virtual, virtual, new byte[1], 1, 4).build(),
        Reason.MALFORMED_SEGMENT,
        "AT()");
  }

  @Test
  void segmentsThatOverlap() {
    byte[] elf =
        new ElfFixture()
            .segment(0x2000, 0x2000, new byte[1], 0x1000, 6)
            .segment(0x1000, 0x1000, new byte[1], 0x1001, 5)
            .build();
    assertRefused(elf, Reason.SEGMENTS_OVERLAP, "[0x1000, 0x2001)");
  }

  @Property(tries = 500)
  void arbitraryBytesAreRefusedAndNothingWorse(@ForAll @Size(max = 300) byte[] bytes) {
    assertThat(reasonOf(bytes)).isNotNull();
  }

  @Property(tries = 2000)
  void aDamagedImageIsLoadedOrRefused(
      @ForAll @Size(min = 1, max = 4) int[] places,
      @ForAll @Size(min = 4, max = 4) byte[] values,
      @ForAll @IntRange(max = 100_000) int cut) {
    byte[] elf = twoSegments();
    for (int i = 0; i < places.length; i++) {
      elf[Math.floorMod(places[i], elf.length)] = values[i];
    }
    reasonOf(cut < elf.length ? Arrays.copyOf(elf, cut) : elf);
  }

  /** Returns the reason of a refusal, or null when the image and its symbols could be read. */
  private static @Nullable Reason reasonOf(byte[] bytes) {
    try {
      ElfImage image = ElfImage.parse("image", bytes);
      assertThat(image.symbols().size()).isLessThan(bytes.length / 24);
      assertThat(image.physicalStart()).isLessThanOrEqualTo(image.physicalEnd());
      return null;
    } catch (GuestImageException e) {
      assertThat(e.getMessage()).startsWith("image: ").endsWith(")").doesNotContain("\n");
      return e.reason();
    }
  }

  private static void assertRefused(byte[] bytes, Reason reason, String part) {
    assertRefused(() -> ElfImage.parse("image", bytes), reason, part);
  }

  private static void assertRefused(ThrowingCallable call, Reason reason, String part) {
    GuestImageException refused = catchThrowableOfType(GuestImageException.class, call);
    assertThat(refused).isNotNull().hasMessageContaining(part);
    assertThat(refused.reason()).isEqualTo(reason);
    assertThat(refused.getMessage()).endsWith(")").doesNotContain("\n");
  }
}
