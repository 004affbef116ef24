package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class RefusedLibraryTest {

  private static final String WAY_OUT =
      " (let ./kmemu setup fetch one, or point KMEMU_UNICORN at libunicorn 2.1.0 or newer)";
  private static final String EVERY_FUNCTION =
      """
      typedef void *p;
      int uc_version(p a, p b) { return 0x02010100; }
      int uc_open(int a, int m, p *out) { static long state[64]; *out = state; return 0; }
      int uc_close(p u) { return 0; }
      const char *uc_strerror(int c) { return "none"; }
      int uc_ctl(p u, int c, long a, long b) { return 0; }
      int uc_reg_read(p u, int r, p v) { return 0; }
      int uc_reg_write(p u, int r, p v) { return 0; }
      int uc_reg_read_batch(p u, p r, p v, int n) { return 0; }
      int uc_mem_map_ptr(p u, long a, long s, int m, p h) { return 0; }
      int uc_mmio_map(p u, long a, long s, p r, p ru, p w, p wu) { return 0; }
      int uc_emu_start(p u, long b, long e, long t, long c) { return 0; }
      int uc_emu_stop(p u) { return 0; }
      int uc_hook_add(p u, p h, int t, p c, p d, long b, long e, int i) { return 0; }
      int uc_hook_del(p u, long h) { return 0; }
      int uc_context_alloc(p u, p *out) { static long blob[1024]; *out = blob; return 0; }
      int uc_context_free(p c) { return 0; }
      long uc_context_size(p u) { return 5552; }
      int uc_context_save(p u, p c) { return 0; }
      int uc_context_restore(p u, p c) { return 0; }
      """;

  private final Path directory;

  RefusedLibraryTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static String load(Path library) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-D" + UnicornLoader.PROPERTY + "=" + library,
                LoadAndReport.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("exit status, with %s", output).isZero();
    assertThat(output.lines()).as("one line").hasSize(1);
    return output;
  }

  private Path compile(String source) throws IOException, InterruptedException {
    Path c = Files.writeString(directory.resolve("fake.c"), source);
    Path library = directory.resolve("libfake.so");
    Process compiler;
    try {
      compiler =
          new ProcessBuilder("cc", "-w", "-shared", "-fPIC", "-o", library.toString(), c.toString())
              .inheritIO()
              .start();
    } catch (IOException e) {
      throw new AssertionError("these tests need a C compiler, for example Debian's gcc", e);
    }
    assertThat(compiler.waitFor()).as("cc").isZero();
    return library;
  }

  @Test
  void aMissingFile() throws Exception {
    Path library = directory.resolve("libunicorn.so.2");
    assertThat(load(library)).isEqualTo(library + ": no such file" + WAY_OUT);
  }

  @Test
  void aFileThatIsNoLibrary() throws Exception {
    Path library = Files.writeString(directory.resolve("notes.so"), "just text\n".repeat(100));
    assertThat(load(library))
        .startsWith(library + ": can't be loaded: ")
        .contains("invalid ELF header")
        .endsWith(WAY_OUT);
  }

  @Test
  void aLibraryOfAnotherArchitecture() throws Exception {
    ByteBuffer elf = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
    elf.put(new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
    elf.putShort(16, (short) 3).putShort(18, (short) 183).putInt(20, 1); // ET_DYN, EM_AARCH64
    elf.putLong(32, 64).putShort(52, (short) 64).putShort(54, (short) 56).putShort(56, (short) 1);
    Path library = Files.write(directory.resolve("libarm.so"), elf.array());
    assertThat(load(library)).startsWith(library + ": can't be loaded: ").endsWith(WAY_OUT);
  }

  @Test
  void aLibraryThatIsNotUnicorn() throws Exception {
    List<String> maps = Files.readAllLines(Path.of("/proc/self/maps"));
    String libc =
        maps.stream()
            .filter(line -> line.matches(".*/libc[.-].*"))
            .map(line -> line.substring(line.indexOf('/')))
            .findFirst()
            .orElseThrow();
    assertThat(load(Path.of(libc))).isEqualTo(libc + ": isn't libunicorn" + WAY_OUT);
  }

  @Test
  void aReleaseThatIsTooOldIsNamed() throws Exception {
    Path library = compile("int uc_version(void *a, void *b) { return 0x02000100; }");
    assertThat(load(library))
        .isEqualTo(
            library
                + ": is Unicorn 2.0.1, which doesn't translate x86 addresses; 2.1.0 or newer is"
                + " needed"
                + WAY_OUT);
  }

  @Test
  void aReleaseThatLacksFunctions() throws Exception {
    Path library = compile("int uc_version(void *a, void *b) { return 0x02010100; }");
    assertThat(load(library))
        .startsWith(library + ": lacks a function of Unicorn 2.1: ")
        .contains("uc_")
        .endsWith(WAY_OUT);
  }

  @Test
  void aReleaseThatDoesNotDoWhatItsVersionPromises() throws Exception {
    Path library = compile(EVERY_FUNCTION);
    assertThat(load(library))
        .startsWith(library + ": Unicorn 2.1.1 fails the probe: ")
        .endsWith(WAY_OUT);
  }
}
