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

/** What can be a disk. */
class RawImageTest {

  private final Path directory;

  RawImageTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Path file(int bytes) throws IOException {
    byte[] contents = new byte[bytes];
    Arrays.fill(contents, (byte) 5);
    return Files.write(directory.resolve("disk.img"), contents);
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
}
