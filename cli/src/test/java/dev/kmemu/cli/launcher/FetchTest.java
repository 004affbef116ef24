package dev.kmemu.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetching libunicorn into the user's cache with the machine's own apt. */
class FetchTest {
  private Path directory;
  private Sandbox sandbox;

  @BeforeEach
  void nothingFetched(@TempDir Path directory) {
    this.directory = directory;
    sandbox = Sandbox.complete(directory);
  }

  private void assertCacheHolds(String... names) throws IOException {
    try (Stream<Path> entries = Files.list(sandbox.cache())) {
      assertThat(entries.map(entry -> entry.getFileName().toString()))
          .containsExactlyInAnyOrder(names);
    }
  }

  @Test
  void theSecondSetupFetchesNothing() throws IOException {
    assertThat(sandbox.kmemu("setup").output()).contains("fetched just now");
    long calls = sandbox.callsOf("apt-get");
    sandbox.set("APT_ERROR", "no network");

    Outcome second = sandbox.kmemu("setup");

    assertThat(second.status()).isZero();
    assertThat(second.output()).contains("(in the cache)").contains("up to date");
    assertThat(sandbox.callsOf("apt-get")).isEqualTo(calls);
    assertCacheHolds("2.1.1-2");
  }

  @Test
  void aptRunsOnPrivateDirectoriesOnly() {
    sandbox.kmemu("setup");

    assertThat(sandbox.calls().lines().filter(call -> call.startsWith("apt-get")))
        .hasSize(2)
        .allSatisfy(
            call ->
                assertThat(call)
                    .contains("Dir::Etc::sourcelist=" + sandbox.cache())
                    .contains("Dir::Etc::sourceparts=" + sandbox.cache())
                    .contains("Dir::State::lists=" + sandbox.cache())
                    .contains("Dir::Cache=" + sandbox.cache()));
  }

  @Test
  void nothingUnsignedIsEverAllowedAndNoHookRuns() {
    sandbox.kmemu("setup");

    assertThat(sandbox.calls())
        .contains("APT::Get::AllowUnauthenticated \"false\";")
        .contains("Acquire::AllowInsecureRepositories \"false\";")
        .contains("Acquire::AllowWeakRepositories \"false\";")
        .contains("Acquire::AllowDowngradeToInsecureRepositories \"false\";")
        .contains("#clear APT::Update::Post-Invoke;", "#clear DPkg::Post-Invoke;")
        .doesNotContainIgnoringCase("allow-")
        .doesNotContainIgnoringCase("trusted")
        .doesNotContain("\"true\"");
  }

  @Test
  void aptsOwnReasonIsInTheError() throws IOException {
    sandbox.set("APT_ERROR", "The repository is not signed.");

    Outcome outcome = sandbox.kmemu("run");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors())
        .hasLineCount(1)
        .startsWith("kmemu: setup: libunicorn: ")
        .contains("The repository is not signed.", "KMEMU_UNICORN");
    assertCacheHolds();
  }

  @Test
  void aSystemOfAnotherFamilyIsToldSo() {
    sandbox.describeSystem("slackware", "none");

    Outcome outcome = sandbox.kmemu("setup");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("slackware", "KMEMU_UNICORN");
  }

  @Test
  void anOldLibcIsRefusedBeforeAnythingIsFetched() {
    sandbox.set("LIBC", "2.31");

    Outcome outcome = sandbox.kmemu("setup");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("needs libc6 2.34").contains("has 2.31");
    assertThat(sandbox.callsOf("apt-get")).isZero();
  }

  @Test
  void aPackageThatNeedsANewerLibcIsNotKept() throws IOException {
    sandbox.set("DEB_LIBC", "2.38");

    Outcome outcome = sandbox.kmemu("setup");

    assertThat(outcome.status()).isEqualTo(3);
    assertThat(outcome.errors()).hasLineCount(1).contains("needs libc6 2.38");
    assertCacheHolds();
  }

  @Test
  void aPackageThatIsTooOldIsNotKept() throws IOException {
    sandbox.set("DEB_VERSION", "2.0.1-1");

    assertThat(sandbox.kmemu("setup").errors()).hasLineCount(1).contains("has only 2.0.1-1");
    assertCacheHolds();
  }

  @Test
  @Timeout(120)
  void twoSetupsAtOnceFetchOnce() throws IOException, InterruptedException {
    Path script = sandbox.project.resolve("kmemu");
    Path started = fifo("started");
    Path gate = fifo("gate");
    sandbox.set("APT_STARTED", started.toString());
    sandbox.set("APT_GATE", gate.toString());
    Process first = sandbox.start(directory, script, "setup");
    awaitLine(started);
    Process second = sandbox.start(directory, script, "setup");
    Files.writeString(gate, "\n");
    awaitLine(started);
    Files.writeString(gate, "\n");

    assertThat(sandbox.finish(first).status()).isZero();
    assertThat(sandbox.finish(second).status()).isZero();

    assertThat(sandbox.calls().lines().filter(call -> call.contains(" download "))).hasSize(1);
    assertCacheHolds("2.1.1-2");
  }

  @Test
  @Timeout(120)
  void anInterruptedSetupLeavesNothingBehind() throws IOException, InterruptedException {
    Path started = fifo("started");
    sandbox.set("APT_STARTED", started.toString());
    sandbox.set("APT_GATE", fifo("gate").toString());
    Process setup = sandbox.start(directory, sandbox.project.resolve("kmemu"), "setup");
    awaitLine(started);

    setup.destroy();

    assertThat(sandbox.finish(setup).status()).isEqualTo(143);
    assertCacheHolds();
  }

  /** A pipe whose two ends wait for each other, which spares both any guess at a time. */
  private Path fifo(String name) throws IOException, InterruptedException {
    Path fifo = directory.resolve(name);
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    return fifo;
  }

  private static void awaitLine(Path fifo) throws IOException {
    try (BufferedReader reader = Files.newBufferedReader(fifo)) {
      reader.readLine();
    }
  }
}
