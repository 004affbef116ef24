package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The project in docs/sample is built by Maven as a user builds it, by the coordinates of what this
 * build has made; then with the mistake that docs/testing-a-pmap.md looks for.
 */
class SampleProjectTest {

  private static final String FLUSH = "      cpu.invalidatePage(address);\n";
  private static final String FLUSH_OF_KERNEL_PAGES_ONLY =
      "      if (address.value() < 0) {\n        cpu.invalidatePage(address);\n      }\n";

  private record Build(int status, String output) {}

  private final Path directory;

  SampleProjectTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void unlink() throws IOException {
    ThrowawayRepository.unlink(directory.resolve("repository"));
  }

  private Build build(String phase) throws Exception {
    Process process =
        new ProcessBuilder(
                "mvn",
                "-o",
                "-B",
                "-Dmaven.repo.local=" + directory.resolve("repository"),
                "-f",
                directory.resolve("sample/pom.xml").toString(),
                phase)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Build(process.waitFor(), output);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Path relative = from.relativize(file);
        if (!relative.startsWith("target")) {
          Files.copy(file, to.resolve(relative));
        }
      }
    }
  }

  private void copySample() throws IOException {
    Path project = Path.of(System.getProperty("kmemu.project"));
    ThrowawayRepository.make(directory.resolve("repository"), project);
    copy(project.resolve("docs/sample"), directory.resolve("sample"));
  }

  @Test
  void aJdkThatIsTooOldIsAnsweredWithWhatToDo() throws Exception {
    copySample();
    Path pom = directory.resolve("sample/pom.xml");
    Files.writeString(pom, Files.readString(pom).replace("[17,)", "[99,)"));
    Build build = build("validate");
    assertThat(build.status()).isNotZero();
    assertThat(build.output()).contains("kmemu needs JDK 17 or newer; point JAVA_HOME at one.");
  }

  @Test
  void itsTestsPassAndFindTheMistakeOfTheManual() throws Exception {
    copySample();
    Build whole = build("test");
    assertThat(whole.status()).as(whole.output()).isZero();
    assertThat(whole.output()).contains("Tests run: 3, Failures: 0, Errors: 0, Skipped: 0");

    Path source = directory.resolve("sample/src/main/java/com/example/pmap/MyPmap.java");
    String text = Files.readString(source);
    assertThat(text).contains(FLUSH);
    Files.writeString(source, text.replace(FLUSH, FLUSH_OF_KERNEL_PAGES_ONLY));
    Build broken = build("test");
    assertThat(broken.status()).isNotZero();
    assertThat(broken.output())
        .contains("Tests run: 3, Failures: 1, Errors: 0, Skipped: 0")
        .contains("MyPmapTest.aPageThatBecomesReadOnlyIsSoAtOnce")
        .contains("to end with #PF page fault (protection, write, user)")
        .contains("but was: completed", "a translation that wasn't flushed")
        .contains(
            "Suppressed: dev.kmemu.testkit.junit.KmemuReport: the machine when the test failed")
        .contains(
            "mvn test -Dtest='com.example.pmap.MyPmapTest#aPageThatBecomesReadOnlyIsSoAtOnce'");
  }
}
