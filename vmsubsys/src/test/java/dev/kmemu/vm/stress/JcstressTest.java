package dev.kmemu.vm.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jcstress.Main;

/**
 * Runs the package's jcstress tests in a JVM of their own, briefly; the Maven profile {@code
 * stress} runs them for long. An outcome that is forbidden, or a test that never ends, fails.
 */
class JcstressTest {

  private static final List<Class<?>> TESTS =
      List.of(
          BusyPage.class,
          EntryReservationBalance.class,
          MapLockUpgrade.class,
          TokenAcrossSleep.class,
          TokenExclusion.class);

  private @Nullable Process process;

  @AfterEach
  void end() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void noForbiddenOutcomeIsSeen(@TempDir Path directory) throws Exception {
    Path log = directory.resolve("log");
    Process jcstress = start(directory, log);
    process = jcstress;
    String limit = System.getProperty("kmemu.jcstress.minutes", "3");

    boolean ended = jcstress.waitFor(Long.parseLong(limit), TimeUnit.MINUTES);
    String output = Files.readString(log);
    assertThat(ended).as("ended within %s minutes:%n%s", limit, output).isTrue();
    assertThat(jcstress.exitValue()).as(output).isZero();
    assertThat(output)
        .contains("Failed tests: No matches", "Error tests: No matches")
        .contains(TESTS.stream().map(Class::getName).toList());
  }

  private static Process start(Path directory, Path log) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    command.add("-cp");
    command.add(absolute(System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of("-v", "-t", "dev.kmemu.vm.stress", "-r", directory.toString()));
    command.addAll(List.of(System.getProperty("kmemu.jcstress", "-m quick").split(" ", -1)));
    return new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private static String absolute(String classPath) {
    List<String> entries = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      entries.add(Path.of(entry).toAbsolutePath().toString());
    }
    return String.join(File.pathSeparator, entries);
  }
}
