package dev.kmemu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The program in a JVM of its own, as a user starts it. */
final class Program implements AutoCloseable {

  private static final String LIBRARY = "kmemu.unicorn";
  private static final Pattern LISTENING = Pattern.compile("gdb: listening on (\\S+:\\d+)\\R");

  private final Process process;
  private final Transcript out;
  private final Transcript err;

  /**
   * What the program left behind.
   *
   * @param status the exit status
   * @param out standard output
   * @param err standard error
   */
  record Ended(int status, String out, String err) {
    List<String> outLines() {
      return out.lines().toList();
    }

    List<String> errLines() {
      return err.lines().toList();
    }

    @Override
    public String toString() {
      return "status " + status + "\n--- stdout\n" + out + "--- stderr\n" + err;
    }
  }

  private Program(Process process) {
    this.process = process;
    this.out = new Transcript("kmemu's stdout", process.getInputStream());
    this.err = new Transcript("kmemu's stderr", process.getErrorStream());
  }

  /** Starts it with the library that this JVM was told to use. */
  static Program start(String... arguments) {
    return start(System.getProperty(LIBRARY, ""), arguments);
  }

  /** Runs it to its end. */
  static Ended run(String... arguments) {
    try (Program program = start(arguments)) {
      return program.awaitEnd();
    }
  }

  /** Runs it to its end with {@code library} as libunicorn. */
  static Ended runWithLibrary(Path library, String... arguments) {
    try (Program program = start(library.toString(), arguments)) {
      return program.awaitEnd();
    }
  }

  private static Program start(String library, String... arguments) {
    try {
      return new Program(prepare(library, arguments).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what starts it, for tests that have their own way with its streams. */
  static ProcessBuilder prepare(String... arguments) {
    return prepare(System.getProperty(LIBRARY, ""), arguments);
  }

  private static ProcessBuilder prepare(String library, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Most children live for less than a second: the optimizing compiler only costs them time.
    command.add("-XX:TieredStopAtLevel=1");
    if (Runtime.version().feature() >= 22) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (!library.isEmpty()) {
      command.add("-D" + LIBRARY + "=" + library);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command);
  }

  /** Waits until it says where its stub listens, and returns that as HOST:PORT. */
  String awaitStub() {
    return out.await(LISTENING, 0).group(1);
  }

  /** Waits for {@code text} on standard output. */
  void awaitOutput(String text) {
    out.await(Pattern.compile(Pattern.quote(text)), 0);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends a signal by name, as {@code kill} does. */
  void signal(String name) {
    Signals.send(name, process.pid());
  }

  /** Waits for its end. */
  Ended awaitEnd() {
    String printed = out.awaitEnd();
    String complained = err.awaitEnd();
    try {
      if (!process.waitFor(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("kmemu doesn't end:\n" + printed + complained);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    return new Ended(process.exitValue(), printed, complained);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return "--- kmemu's stdout\n" + out.text() + "--- kmemu's stderr\n" + err.text();
  }
}
