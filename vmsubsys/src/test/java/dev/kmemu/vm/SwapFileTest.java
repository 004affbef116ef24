package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pager.SwapSpace;
import dev.kmemu.vm.pager.SwapUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Swap in a file of the host. */
class SwapFileTest {

  private static final int PAGES = 2500;

  private final Path directory;

  SwapFileTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static SwapSpace open(Path path, int pages) {
    return Objects.requireNonNull(new SwapConfig.File(path, pages).open());
  }

  @Test
  void contentsGoThroughTheFileAndBack() {
    Path path = directory.resolve("swap");
    TestKernel kernel = TestKernel.withSwap(8 * MIB, new SwapConfig.File(path, PAGES));
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i + 1);
    }
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isPositive();
    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).isEqualTo(i + 1);
    }
    kernel.check();

    kernel.vm.close();
    kernel.vm.close();

    assertThat(path).as("was created by the VM").doesNotExist();
  }

  /** An interrupt closes a channel in the middle of its input and output. */
  @Test
  void anInterruptedThreadStillReadsAndWrites() throws IOException {
    byte[] page = new byte[4096];
    page[17] = 5;
    try (SwapSpace space = open(directory.resolve("swap"), 4)) {
      Thread.currentThread().interrupt();
      space.write(3, page);
      page[17] = 0;
      space.read(3, page);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(page[17]).isEqualTo((byte) 5);
  }

  @Test
  void aFileInUseIsRefused() {
    Path path = directory.resolve("swap");
    SwapSpace first = open(path, 4);
    assertThatThrownBy(() -> open(path, 4))
        .isInstanceOf(SwapUnavailableException.class)
        .hasMessage("the swap file " + path + " is in use by another machine: name one for each");
    first.close();

    open(path, 4).close();
  }

  @Test
  void aFileThatIsTooSmallIsRefusedAndStays() throws IOException {
    Path path = directory.resolve("swap");
    Files.write(path, new byte[8192]);

    assertThatThrownBy(() -> open(path, 3))
        .isInstanceOf(SwapUnavailableException.class)
        .hasMessageContaining(path + " has 8192 bytes, 12288 are needed")
        .hasMessageContaining("ask for 2 pages at most");

    assertThat(path).hasSize(8192);
    open(path, 2).close();
    assertThat(path).as("a file that was there stays").hasSize(8192);
  }

  @Test
  void aFileThatCannotBeCreatedIsRefused() {
    Path path = directory.resolve("missing").resolve("swap");

    assertThatThrownBy(() -> open(path, 3))
        .isInstanceOf(SwapUnavailableException.class)
        .hasMessageContaining(path + " of 12288 bytes can't be created")
        .hasMessageContaining("name a file in a directory that can be written");
  }

  @Test
  void moreThanTheFileSystemHoldsIsRefusedAndLeavesNoFile() {
    Path path = directory.resolve("swap");

    assertThatThrownBy(() -> open(path, Integer.MAX_VALUE))
        .isInstanceOf(SwapUnavailableException.class)
        .hasMessageContaining("needs 8796093018112 bytes, its file system has");

    assertThat(path).doesNotExist();
  }

  @Test
  void aDirectoryIsRefused() {
    assertThatThrownBy(() -> open(directory, 3))
        .isInstanceOf(SwapUnavailableException.class)
        .hasMessageContaining("isn't a regular file");
  }

  @Test
  void swapOfNoPagesIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SwapConfig.Memory(0))
        .withMessage("swap must have from 1 to 2147483647 pages of 4096 bytes, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new SwapConfig.File(directory, -1))
        .withMessageContaining("got -1");
  }

  @Test
  void closedSwapFails() {
    SwapSpace memory = Objects.requireNonNull(new SwapConfig.Memory(1).open());
    SwapSpace file = open(directory.resolve("swap"), 1);
    for (SwapSpace space : new SwapSpace[] {memory, file}) {
      space.close();
      assertThatThrownBy(() -> space.write(0, new byte[4096])).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> space.read(0, new byte[4096])).isInstanceOf(IOException.class);
    }
  }
}
