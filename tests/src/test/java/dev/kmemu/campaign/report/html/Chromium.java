package dev.kmemu.campaign.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** The machine's Chromium, without a window. */
final class Chromium {

  /** Set where the tests must not do without it. */
  private static final String REQUIRED = "KMEMU_REQUIRE_CHROMIUM";

  private static final String MISSING =
      "there is no chromium in the PATH (install Debian's package chromium)";
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");
  private static final long SECONDS = 120;

  private final Path program;
  private final Path directory;

  private Chromium(Path program, Path directory) {
    this.program = program;
    this.directory = directory;
  }

  /**
   * Returns it, or skips the test that asks where there is none and none is required.
   *
   * @param directory for its profile and its output
   */
  static Chromium find(Path directory) {
    Optional<Path> program =
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
            .filter(Files::isExecutable)
            .findFirst();
    if (System.getenv(REQUIRED) != null) {
      assertThat(program).as(MISSING).isPresent();
    }
    Assumptions.assumeTrue(program.isPresent(), MISSING);
    return new Chromium(program.orElseThrow(), directory);
  }

  /** Returns the text of a page behind its scripts, and what its console said in {@code log}. */
  String dump(Path page, List<String> log) throws IOException, InterruptedException {
    Path out = run(page, log, "--dump-dom", "--allow-file-access-from-files");
    return Files.readString(out);
  }

  /** Writes a picture of a page. */
  Path screenshot(Path page, String name, int width, int height, boolean dark)
      throws IOException, InterruptedException {
    Path picture = directory.resolve(name);
    run(
        page,
        new ArrayList<>(),
        "--screenshot=" + picture,
        "--hide-scrollbars",
        "--window-size=" + width + "," + height,
        // The engine numbers dark 0 and light 1.
        "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1));
    return picture;
  }

  private Path run(Path page, List<String> log, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString(), "--headless=new"));
    // Root has no sandbox; the page is our own.
    command.addAll(List.of("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"));
    command.addAll(List.of("--no-first-run", "--disable-extensions", "--enable-logging=stderr"));
    command.add("--user-data-dir=" + directory.resolve("profile"));
    command.addAll(List.of(options));
    command.add(page.toUri().toString());
    Path out = directory.resolve("chromium.out");
    Path err = directory.resolve("chromium.err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS, TimeUnit.SECONDS)).as("chromium ends").isTrue();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    List<String> said = Files.readAllLines(err);
    assertThat(process.exitValue()).as(String.join("\n", said)).isZero();
    said.stream().filter(line -> line.contains("CONSOLE")).forEach(log::add);
    return out;
  }
}
