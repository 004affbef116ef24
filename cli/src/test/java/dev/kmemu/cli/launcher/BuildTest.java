package dev.kmemu.cli.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When the program is built, and what is said when it can't be. */
class BuildTest {
  private Path directory;
  private Sandbox sandbox;
  private Path stamp;
  private Path source;

  @BeforeEach
  void notBuilt(@TempDir Path directory) {
    this.directory = directory;
    sandbox = Sandbox.complete(directory);
    sandbox.installCachedLibrary();
    stamp = sandbox.app().resolve("stamp");
    source = sandbox.project.resolve("cli/src/main/java/Main.java");
  }

  @Test
  void theFirstStartBuildsAndTheSecondDoesNot() {
    sandbox.kmemu("run");
    sandbox.kmemu("run");

    assertThat(sandbox.callsOf("mvn ")).isOne();
  }

  @Test
  void aChangedSourceIsBuiltByTheNextStart() {
    sandbox.kmemu("run");
    sandbox.makeNewer(source, stamp);

    sandbox.kmemu("run");

    assertThat(sandbox.callsOf("mvn ")).isEqualTo(2);
  }

  @Test
  void aDeletedSourceIsNoticedByItsDirectory() {
    sandbox.kmemu("run");
    sandbox.remove(source);
    sandbox.makeNewer(sandbox.project.resolve("cli/src/main/java"), stamp);

    sandbox.kmemu("run");

    assertThat(sandbox.callsOf("mvn ")).isEqualTo(2);
  }

  @Test
  void helpNeedsTheProgramButNoLibrary() {
    Sandbox offline = Sandbox.complete(directory.resolve("offline"));
    offline.set("APT_ERROR", "no network");

    for (String[] help : new String[][] {{}, {"--help"}, {"--version"}, {"run", "--help"}}) {
      assertThat(offline.kmemu(help).status()).isZero();
    }
    assertThat(offline.callsOf("apt-get")).isZero();
  }

  @Test
  void aFailedBuildShowsItsEndAndNamesItsLog() {
    sandbox.set("MVN_STATUS", "1");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .contains("COMPILATION ERROR")
        .containsPattern("kmemu: build: Maven failed \\(.*/build\\.log\\)\n$");
    assertThat(stamp).doesNotExist();
    assertThat(sandbox.app().resolve("building")).doesNotExist();
  }

  @Test
  void withoutMavenAnUnbuiltProjectSaysWhatToInstall() {
    sandbox.remove(sandbox.tools.resolve("mvn"));

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .isEqualTo("kmemu: build: Maven isn't installed (install Maven 3.8 or newer)\n");
  }

  @Test
  void withoutMavenWhatIsBuiltStillRuns() {
    sandbox.kmemu("run");
    sandbox.remove(sandbox.tools.resolve("mvn"));
    sandbox.makeNewer(source, stamp);

    assertThat(sandbox.kmemu("run").status()).isZero();
    assertThat(sandbox.kmemu("setup").output()).containsPattern("Maven +missing");
  }

  @Test
  void aRuntimeWithoutACompilerIsRefusedForBuilding() {
    sandbox.remove(sandbox.jdk.resolve("bin/javac"));

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("no compiler");
  }

  @Test
  void skippingTheBuildNeverCallsMaven() {
    sandbox.set("KMEMU_BUILD", "skip");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("./kmemu setup");
    assertThat(sandbox.callsOf("mvn ")).isZero();
  }

  @Test
  void theTestCommandHandsItsArgumentsAndTheLibraryToMaven() {
    Path library = sandbox.installCachedLibrary();

    assertThat(sandbox.kmemu("test", "-pl", "cli").status()).isZero();

    assertThat(sandbox.calls())
        .contains("mvn -B verify -pl cli unicorn=" + library + " build=skip\n");
  }

  @Test
  void theLockOfABuilderThatIsGoneIsBroken() throws IOException, InterruptedException {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Process name = new ProcessBuilder("uname", "-n").start();
    String host = new String(name.getInputStream().readAllBytes(), UTF_8);
    Path lock = sandbox.app().resolve("building");
    sandbox.write(lock.resolve("owner"), gone.pid() + " " + host);

    assertThat(sandbox.kmemu("run").status()).isZero();
    assertThat(lock).doesNotExist();
    assertThat(Files.exists(sandbox.jar())).isTrue();
  }
}
