package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a command reaches the JVM. */
class LaunchTest {
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
  void argumentsArriveAsTheyWereGiven() {
    assertThat(sandbox.kmemu("run", "a guest", "--ram", "*", "").outputLines())
        .containsSubsequence("dev.kmemu.cli.Main", "run", "a guest", "--ram", "*", "");
  }

  @Test
  void theJvmTakesThePlaceOfTheScriptSoThatSignalsReachIt() {
    Process process = sandbox.start(directory, sandbox.project.resolve("kmemu"), "run");

    assertThat(sandbox.finish(process).outputLines()).contains("pid " + process.pid());
  }

  @Test
  void theExitStatusIsTheProgramsOwn() {
    sandbox.set("JAVA_STATUS", "125");

    assertThat(sandbox.kmemu("boot", "image").status()).isEqualTo(125);
  }

  @Test
  void relativePathsStayTheCallersWhenStartedThroughSymbolicLinks() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("else where"));
    Path inner = Files.createSymbolicLink(directory.resolve("inner"), Path.of("the project/kmemu"));
    Path outer = Files.createSymbolicLink(elsewhere.resolve("kmemu"), inner);

    Outcome outcome = sandbox.finish(sandbox.start(elsewhere, outer, "run"));

    assertThat(outcome.outputLines())
        .contains("cwd " + elsewhere.toRealPath(), sandbox.jar().toRealPath().toString());
  }

  @Test
  void theLibraryPropertyIsTheJvmsBeforeOrAfterTheCommand() {
    Path library = directory.resolve("my libunicorn.so");
    sandbox.write(library, "library");
    String property = "-Dkmemu.unicorn=" + library;

    for (Outcome outcome :
        List.of(sandbox.kmemu(property, "run", "x"), sandbox.kmemu("run", property, "x"))) {
      assertThat(outcome.outputLines())
          .containsSubsequence(property, "dev.kmemu.cli.Main", "run", "x")
          .endsWith("dev.kmemu.cli.Main", "run", "x");
    }
  }

  @Test
  void whatFollowsADoubleDashIsTheGuests() {
    assertThat(sandbox.kmemu("run", "--", "-Dkmemu.unicorn=/none").outputLines())
        .containsSubsequence("dev.kmemu.cli.Main", "run", "--", "-Dkmemu.unicorn=/none");
  }

  @Test
  void aLibraryPropertyWithoutAPathIsAUsageError() {
    Outcome outcome = sandbox.kmemu("run", "-Dkmemu.unicorn=");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).hasLineCount(1).contains("-Dkmemu.unicorn=PATH");
  }

  @Test
  void anUnexpectedArgumentOfSetupIsAUsageError() {
    Outcome outcome = sandbox.kmemu("setup", "--force");

    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errors()).hasLineCount(1).startsWith("kmemu: setup: ").contains("--force");
  }

  @Test
  void anOrdinaryStartSaysNothingOfItsOwn() {
    assertThat(sandbox.kmemu("run").errors()).isEmpty();
  }

  @Test
  void nativeAccessIsAllowedByNameOnlyWhereTheJvmKnowsTheOption() {
    assertThat(sandbox.kmemu("run").output()).doesNotContain("--enable-native-access");

    sandbox.installJdk("25.0.1");

    assertThat(sandbox.kmemu("run").output()).contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void aStartUsesTheClassArchiveUntilAJarIsNewer() throws IOException {
    Path archive = sandbox.project.toRealPath().resolve("cli/target/kmemu/cds/17.0.9.jsa");
    assertThat(sandbox.kmemu("run").output()).contains("-XX:SharedArchiveFile=" + archive);
    long trainings =
        sandbox.calls().lines().filter(c -> c.contains("ArchiveClassesAtExit")).count();

    sandbox.makeNewer(sandbox.jar(), archive);
    sandbox.kmemu("run");

    assertThat(sandbox.calls().lines().filter(call -> call.contains("ArchiveClassesAtExit")))
        .hasSize((int) trainings + 1);
  }

  @Test
  void aReadOnlyProjectStartsOnceItIsBuilt() throws IOException {
    Path app = sandbox.app();
    Files.setPosixFilePermissions(app, PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setPosixFilePermissions(sandbox.project, PosixFilePermissions.fromString("r-xr-xr-x"));
    try {
      Outcome outcome = sandbox.kmemu("run");

      assertThat(outcome.status()).isZero();
      assertThat(outcome.errors()).isEmpty();
    } finally {
      Files.setPosixFilePermissions(app, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(sandbox.project, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }
}
