package dev.kmemu.emulator.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * No sequence of guest bytes hurts the host. Random code runs in a JVM of its own, so that a crash
 * is a failure that tells its seed: {@code -Dkmemu.fuzz.seed=SEED} runs that machine again, and
 * {@code -Dkmemu.fuzz.seconds=N} says for how long to look for new ones.
 */
class RandomCodeTest {

  private static final String SEED = "kmemu.fuzz.seed";
  private static final int SECONDS = Integer.getInteger("kmemu.fuzz.seconds", 15);
  private static final int PATIENCE = 240;

  @Test
  void endsEachRunInAWayThatHasAName(@TempDir Path directory)
      throws IOException, InterruptedException {
    Long replayed = Long.getLong(SEED);
    long seed = replayed == null ? System.nanoTime() : replayed;
    Path output = directory.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:ErrorFile=" + directory.resolve("crash"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Fuzzer.class.getName(),
                    Integer.toString(SECONDS),
                    Long.toString(seed),
                    replayed == null ? "0" : "1"))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .directory(new File("."))
            .start();
    boolean ended = process.waitFor(SECONDS + PATIENCE, TimeUnit.SECONDS);
    process.destroyForcibly().waitFor();
    List<String> lines = Files.readAllLines(output);
    List<String> last = lines.subList(Math.max(0, lines.size() - 25), lines.size());
    assertThat(ended).as("ends in time, %s", last).isTrue();
    assertThat(process.exitValue())
        .as("status; run it again with -D%s=, the last of %s", SEED, last)
        .isZero();
    assertThat(last).as("the summary").anyMatch(line -> line.startsWith("machines "));
    assertThat(last)
        .as("exits of the engine's that no guest should see")
        .noneMatch(line -> line.contains("EngineFailed"));
  }
}
