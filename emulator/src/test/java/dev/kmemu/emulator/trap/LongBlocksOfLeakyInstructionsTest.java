package dev.kmemu.emulator.trap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The translator keeps one or two temporaries for each of these instructions, and has 512 for a
 * block that may have as many instructions. It doesn't look whether they suffice.
 */
class LongBlocksOfLeakyInstructionsTest {

  private static final int PATIENCE = 120;

  @Test
  void areExecutedToTheirEnd(@TempDir Path directory) throws IOException, InterruptedException {
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:ErrorFile=" + directory.resolve("crash"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    LeakyBlocks.class.getName()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(PATIENCE, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    List<String> lines = Files.readAllLines(output);
    assertThat(ended).as("ends in time, %s", lines).isTrue();
    assertThat(process.exitValue()).as("status, %s", lines).isZero();
    assertThat(lines)
        .contains(
            "AAM, 16 bits: " + 0x0007,
            "AAD, 16 bits: " + 0x00ED,
            "PUSHF, 16 bits: " + 600 * 2,
            "AAM, 32 bits: " + 0x0007,
            "AAD, 32 bits: " + 0x00ED,
            "PUSHFQ, 64 bits: " + 600 * 8,
            "MOV FS, 64 bits: " + GuestKernel.SS,
            "SGDT, 64 bits: " + (GuestKernel.GDT << 16 | 0x27),
            "FADD ST1, 64 bits: " + 601);
  }
}
