package dev.kmemu.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed ELFs are what the sources beside them give. With the same assembler they are equal
 * byte for byte; with another, debug information may differ, but code, data and symbols don't.
 */
class RebuildTest {

  private static final Pattern ASSEMBLER = Pattern.compile("GNU AS [0-9.]+");

  @Test
  void theCommittedProgramsAreWhatTheirSourcesGive(@TempDir Path directory)
      throws IOException, InterruptedException {
    rebuild(directory);
    for (FirmwareImage committed :
        new FirmwareImage[] {FirmwareImage.selfTest(), FirmwareImage.faultLoop()}) {
      byte[] rebuilt = Files.readAllBytes(directory.resolve(committed.name()));
      String stale = committed.name() + " is stale: run firmware/build.sh and commit the result";
      assertThat(segments(rebuilt)).as(stale).isEqualTo(segments(committed.bytes()));
      assertThat(ElfSymbols.of(rebuilt)).as(stale).isEqualTo(ElfSymbols.of(committed.bytes()));
      if (assembler(rebuilt).equals(assembler(committed.bytes()))) {
        assertThat(rebuilt).as(stale).isEqualTo(committed.bytes());
      }
    }
  }

  @Test
  void theBenchmarksKernelsAreWhatTheirSourcesGive(@TempDir Path directory)
      throws IOException, InterruptedException {
    rebuild(directory);
    Path sources = projectDirectory().resolve("firmware/src/main/asm/bench");
    try (Stream<Path> files = Files.list(sources)) {
      List<String> kernels =
          files.map(file -> file.getFileName().toString().replace(".s", ".bin")).toList();
      assertThat(kernels).contains("sieve.bin");
      for (String kernel : kernels) {
        try (InputStream in = FirmwareImage.class.getResourceAsStream("bench/" + kernel)) {
          assertThat(in).as(kernel + " isn't built: run firmware/build.sh").isNotNull();
          assertThat(directory.resolve("bench").resolve(kernel))
              .as(kernel + " is stale: run firmware/build.sh and commit the result")
              .hasBinaryContent(Objects.requireNonNull(in).readAllBytes());
        }
      }
    }
  }

  @Test
  void noPathOfTheMachineThatBuiltThemIsInside() {
    String project = projectDirectory().toString();
    for (FirmwareImage image :
        new FirmwareImage[] {FirmwareImage.selfTest(), FirmwareImage.faultLoop()}) {
      assertThat(latin1(image.bytes()))
          .contains("firmware/src/main/asm")
          .doesNotContain(project)
          .doesNotContain("/firmware/src/main/asm");
    }
  }

  private static void rebuild(Path directory) throws IOException, InterruptedException {
    Path script = projectDirectory().resolve("firmware/build.sh");
    Process build =
        new ProcessBuilder("sh", script.toString(), directory.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (build.waitFor() != 0) {
      fail("the guest programs can't be rebuilt; " + output.strip());
    }
  }

  private static Path projectDirectory() {
    return Path.of(Objects.requireNonNull(System.getProperty("kmemu.project"), "kmemu.project"));
  }

  private static String assembler(byte[] elf) {
    Matcher matcher = ASSEMBLER.matcher(latin1(elf));
    assertThat(matcher.find()).as("the debug information names its assembler").isTrue();
    return matcher.group();
  }

  /** Returns what the loadable segments put where: address and size to the bytes of the file. */
  private static Map<String, String> segments(byte[] file) {
    ByteBuffer elf = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    Map<String, String> segments = new TreeMap<>();
    for (int i = 0; i < elf.getShort(56); i++) {
      int header = (int) elf.getLong(32) + i * 56;
      int offset = (int) elf.getLong(header + 8);
      int length = (int) elf.getLong(header + 32);
      segments.put(
          String.format(
              "flags %x at 0x%x, physical 0x%x, 0x%x bytes",
              elf.getInt(header + 4),
              elf.getLong(header + 16),
              elf.getLong(header + 24),
              elf.getLong(header + 40)),
          latin1(file).substring(offset, offset + length));
    }
    return segments;
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
