package dev.kmemu.cli;

import static dev.kmemu.cli.Refusals.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the host lacks is found out before the guest runs, and has an exit status of its own. */
class RefusedEnvironmentTest {

  private final Path directory;

  RefusedEnvironmentTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Program.Ended runInto(Path json) {
    return Program.run("run", "--exit", "--json", json.toString());
  }

  @Test
  void aReportIntoAMissingDirectoryIsRefused() {
    Path json = directory.resolve("missing/report.json");

    assertRefused(runInto(json), ExitStatus.ENVIRONMENT, "--json", json.toString(), "directory");
  }

  @Test
  void aReportOntoADirectoryIsRefused() {
    assertRefused(
        runInto(directory), ExitStatus.ENVIRONMENT, "--json", directory.toString(), "directory");
  }

  @Test
  void aReportWithoutANameIsRefused() {
    assertRefused(
        Program.run("run", "--exit", "--json", ""), ExitStatus.ENVIRONMENT, "--json", "''");
  }

  @Test
  void aRefusedReportLeavesNothingBehind() throws IOException {
    Path json = directory.resolve("report.json");
    Files.writeString(json, "older");

    Program.Ended ended = Program.run("run", "missing.elf", "--exit", "--json", json.toString());

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.USAGE);
    assertThat(json).hasContent("older");
  }

  @Test
  void aMissingLibraryIsNamedWithTheWayOut() {
    Path library = directory.resolve("libunicorn.so.2");

    assertRefused(
        Program.runWithLibrary(library, "run", "--exit"),
        ExitStatus.ENVIRONMENT,
        library.toString(),
        "no such file",
        "./kmemu setup",
        "KMEMU_UNICORN");
  }

  @Test
  void aLibraryThatIsNoneIsNamedWithTheWayOut() throws IOException {
    Path library = Files.writeString(directory.resolve("libunicorn.so.2"), "not a library\n");

    assertRefused(
        Program.runWithLibrary(library, "run", "--exit"),
        ExitStatus.ENVIRONMENT,
        library.toString(),
        "can't be loaded",
        "./kmemu setup");
  }

  @Test
  void anEmptyLibraryIsNamedWithTheWayOut() throws IOException {
    Path library = Files.createFile(directory.resolve("libunicorn.so.2"));

    assertRefused(
        Program.runWithLibrary(library, "doctor"),
        ExitStatus.ENVIRONMENT,
        library.toString(),
        "can't be loaded",
        "./kmemu setup");
  }

  @Test
  void verboseAddsTheStackTrace() {
    Path library = directory.resolve("libunicorn.so.2");

    Program.Ended ended = Program.runWithLibrary(library, "--verbose", "run", "--exit");

    assertThat(ended.status()).as("%s", ended).isEqualTo(ExitStatus.ENVIRONMENT);
    assertThat(ended.err()).contains("\tat dev.kmemu.");
    assertThat(ended.errLines()).last().asString().startsWith("kmemu: " + library);
  }
}
