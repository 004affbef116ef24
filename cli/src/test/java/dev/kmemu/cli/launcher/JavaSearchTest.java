package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which Java is taken. */
class JavaSearchTest {
  private Path directory;
  private Sandbox sandbox;

  @BeforeEach
  void builtAndFetched(@TempDir Path directory) {
    this.directory = directory;
    sandbox = Sandbox.complete(directory);
    sandbox.installCachedLibrary();
    assertThat(sandbox.kmemu("setup").status()).isZero();
  }

  @Test
  void withoutAnyJavaTheErrorSaysWhatToDo() {
    sandbox.unset("JAVA_HOME");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .isEqualTo("kmemu: JDK: 17 or newer is needed (install one, or point JAVA_HOME at one)\n");
  }

  @Test
  void aJavaThatIsTooOldIsNamed() {
    sandbox.installJdk("11.0.2");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("11.0.2", "17 or newer");
  }

  @Test
  void thePathsJavaIsFoundThroughItsSymbolicLinks() throws IOException {
    sandbox.unset("JAVA_HOME");
    Path alternative =
        Files.createSymbolicLink(directory.resolve("java"), sandbox.jdk.resolve("bin/java"));
    Files.createSymbolicLink(sandbox.tools.resolve("java"), alternative);

    assertThat(sandbox.kmemu("setup").output()).contains("17.0.9 (" + sandbox.jdk.toRealPath());
  }

  @Test
  void anUnusableJavaHomeGivesWayToThePath() throws IOException {
    Files.createSymbolicLink(sandbox.tools.resolve("java"), sandbox.jdk.resolve("bin/java"));
    sandbox.set("JAVA_HOME", "/nonexistent");

    assertThat(sandbox.kmemu("run").status()).isZero();
  }

  @Test
  void aJavaWithoutAReleaseFileIsAskedForItsVersion() {
    sandbox.remove(sandbox.jdk.resolve("release"));
    sandbox.script(
        sandbox.jdk.resolve("bin/java"),
        """
        [ "$1" != -XshowSettings:properties ] || {
          printf '    java.home = %s\\n    java.version = 21.0.3\\n' "$JAVA_HOME" >&2
          exit
        }
        echo started
        """);

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.errors()).isEmpty();
    assertThat(outcome.output()).isEqualTo("started\n");
  }
}
