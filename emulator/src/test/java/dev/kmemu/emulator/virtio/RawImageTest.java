package dev.kmemu.emulator.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be a disk, and what a guest sees of it. */
class RawImageTest {

  private static final int SECTOR = 512;
  private static final int OUT = 1;

  private final Path directory;

  RawImageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path file(int bytes) throws IOException {
    byte[] contents = new byte[bytes];
    Arrays.fill(contents, (byte) 5);
    return Files.write(directory.resolve("disk.img"), contents);
  }

  private static byte[] sector(int filled) {
    byte[] bytes = new byte[SECTOR];
    Arrays.fill(bytes, 0, filled, (byte) 5);
    return bytes;
  }

  @Test
  void aDirectoryIsNoDisk() {
    assertThatThrownBy(() -> RawImage.open(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("isn't a regular file");
  }

  @Test
  void aFifoIsRefusedAndNotWaitedFor() throws Exception {
    Path fifo = directory.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> RawImage.open(fifo))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("isn't a regular file"));
  }

  @Test
  void aDeviceWithoutBlocksIsNoDisk() {
    assertThatThrownBy(() -> RawImage.open(Path.of("/dev/zero")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nor a block device");
  }

  @Test
  void whatIsNotThereIsToldApart() {
    assertThatThrownBy(() -> RawImage.open(directory.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aFileWithoutBytesIsNoDisk() throws IOException {
    Path empty = file(0);
    assertThatThrownBy(() -> RawImage.open(empty))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is empty");
  }

  @Test
  void theLastSectorIsFilledUpWithZeros() throws IOException {
    try (RawImage raw = RawImage.open(file(2 * SECTOR + 100))) {
      assertThat(raw.bytes()).isEqualTo(3 * SECTOR);
      byte[] read = new byte[3 * SECTOR];
      Arrays.fill(read, (byte) 9);
      raw.read(0, read, read.length);
      assertThat(Arrays.copyOfRange(read, SECTOR, 2 * SECTOR)).isEqualTo(sector(SECTOR));
      assertThat(Arrays.copyOfRange(read, 2 * SECTOR, 3 * SECTOR)).isEqualTo(sector(100));
      Arrays.fill(read, (byte) 9);
      raw.read(2 * SECTOR + 200, read, 8);
      assertThat(read).startsWith(new byte[8]).endsWith((byte) 9);
    }
  }

  @Test
  void theLastSectorKeepsWhatTheGuestWritesAndTheFileStaysAsItIs() throws IOException {
    Path file = file(100);
    try (RawImage raw = RawImage.open(file)) {
      VirtioDriver driver =
          new VirtioDriver(new VirtioBlock(new CopyOnWriteImage("0", raw, 1 << 20))).start(1);
      assertThat(driver.in(0x100)).as("sectors").isOne();
      byte[] read = new byte[SECTOR];
      assertThat(driver.disk(0, 0, read, true)).isZero();
      assertThat(read).isEqualTo(sector(100));
      assertThat(driver.disk(OUT, 0, sector(SECTOR), false)).isZero();
      assertThat(driver.disk(0, 0, read, true)).isZero();
      assertThat(read).isEqualTo(sector(SECTOR));
    }
    assertThat(file).hasSize(100);
  }
}
