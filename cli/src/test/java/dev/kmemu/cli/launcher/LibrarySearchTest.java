package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which libunicorn is loaded: the one asked for, the cache's, the system's, a fetched one. */
class LibrarySearchTest {
  private Sandbox sandbox;
  private Path mine;

  @BeforeEach
  void nothingInstalled(@TempDir Path directory) {
    sandbox = Sandbox.complete(directory);
    mine = directory.resolve("mine.so");
    sandbox.write(mine, "library");
  }

  @Test
  void theEnvironmentsLibraryWinsOverTheCacheAndIsLeftToTheProgram() {
    sandbox.installCachedLibrary();
    sandbox.set("KMEMU_UNICORN", mine.toString());

    assertThat(sandbox.kmemu("run").output()).doesNotContain("-Dkmemu.unicorn");
    assertThat(sandbox.kmemu("setup").output()).contains(mine + " (asked for by KMEMU_UNICORN)");
  }

  @Test
  void theOptionWinsOverTheEnvironment() {
    sandbox.set("KMEMU_UNICORN", "/none");

    assertThat(sandbox.kmemu("run", "-Dkmemu.unicorn=" + mine).output())
        .contains("-Dkmemu.unicorn=" + mine);
  }

  @Test
  void aLibraryThatIsAskedForButMissingIsNotReplacedByAnother() {
    sandbox.installCachedLibrary();
    sandbox.set("KMEMU_UNICORN", "/none/libunicorn.so");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .hasLineCount(1)
        .startsWith("kmemu: libunicorn: /none/libunicorn.so doesn't exist");
  }

  @Test
  void theCacheWinsOverTheSystem() {
    Path cached = sandbox.installCachedLibrary();
    sandbox.installSystemLibrary("2.1.4-1");

    assertThat(sandbox.kmemu("run").output()).contains("-Dkmemu.unicorn=" + cached);
  }

  @Test
  void aRecentSystemLibraryIsTakenWithoutFetching() {
    Path system = sandbox.installSystemLibrary("2.1.1-2");

    assertThat(sandbox.kmemu("run").output()).contains("-Dkmemu.unicorn=" + system);
    assertThat(sandbox.callsOf("apt-get")).isZero();
  }

  @Test
  void aSystemLibraryThatCannotTranslateAddressesIsPassedOver() {
    sandbox.installSystemLibrary("2.0.1.post1-1");

    assertThat(sandbox.kmemu("setup").output()).contains("in the cache, fetched just now");
  }

  @Test
  void aSystemLibraryIsAskedForItsVersionOnceAndAgainWhenReplaced() {
    Path system = sandbox.installSystemLibrary("2.1.1-2");
    sandbox.kmemu("run");
    sandbox.setPackagedVersion("2.0.1-1");
    assertThat(sandbox.kmemu("run").output()).contains("-Dkmemu.unicorn=" + system);

    sandbox.makeNewer(system, sandbox.cache().resolve("system"));

    assertThat(sandbox.kmemu("run").output()).contains("-Dkmemu.unicorn=" + sandbox.cache());
  }

  @Test
  void withoutAptTheErrorNamesTheOtherPackageManagers() {
    sandbox.remove(sandbox.tools.resolve("apt-get"));

    Outcome outcome = sandbox.kmemu("setup");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .hasLineCount(1)
        .startsWith("kmemu: setup: libunicorn: ")
        .contains("brew install unicorn", "dnf install unicorn", "pacman -S unicorn")
        .contains("KMEMU_UNICORN");
  }

  @Test
  void withoutAptALibraryOfUnknownVersionIsLeftToTheProgramToJudge() {
    sandbox.remove(sandbox.tools.resolve("apt-get"));
    Path system = sandbox.installSystemLibrary("");

    assertThat(sandbox.kmemu("run").output()).contains("-Dkmemu.unicorn=" + system);
  }

  @Test
  void doctorReportsEverythingThatIsMissingAndEndsWithThree() {
    sandbox.remove(sandbox.tools.resolve("apt-get"));
    sandbox.unset("JAVA_HOME");

    Outcome outcome = sandbox.kmemu("doctor");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.output())
        .containsPattern("JDK +missing")
        .containsPattern("Maven +3\\.9\\.9")
        .containsPattern("gdb +missing")
        .containsPattern("libunicorn +missing");
  }

  @Test
  void doctorLeavesTheProbeToTheProgram() {
    Outcome outcome = sandbox.kmemu("doctor");

    assertThat(outcome.status()).isZero();
    assertThat(outcome.outputLines()).endsWith("dev.kmemu.cli.Main", "doctor");
  }
}
