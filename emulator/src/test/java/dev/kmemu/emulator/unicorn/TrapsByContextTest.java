package dev.kmemu.emulator.unicorn;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The way that serves where the live state isn't found. A JVM probes once: each way has its own.
 */
@Timeout(120)
class TrapsByContextTest {

  private static String faults(String way) throws IOException, InterruptedException {
    String library = System.getProperty(UnicornLoader.PROPERTY, "");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-D" + UnicornLoader.PROPERTY + "=" + library,
                "-D" + LiveState.PROPERTY + "=" + way,
                FaultByContext.class.getName())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output.strip();
  }

  @Test
  void everyPageFaultArrives() throws Exception {
    assertThat(faults("context")).isEqualTo("10000 halted context");
  }

  @Test
  void theLiveStateIsUsedWhereItIsFound() throws Exception {
    assertThat(faults("")).isEqualTo("10000 halted live");
  }
}
