package dev.kmemu.cli;

import dev.kmemu.firmware.FirmwareImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real gdb, driven command by command. Closing it kills it, as a crash would. */
final class Gdb implements AutoCloseable {

  private static final List<String> COMMAND =
      List.of(
          "gdb",
          "-nx",
          "-q",
          "-iex",
          "set prompt",
          "-iex",
          "set confirm off",
          "-iex",
          "set width 0",
          "-iex",
          "set height 0",
          "-iex",
          "set style enabled off",
          "-iex",
          "set debuginfod enabled off");

  private final Process process;
  private final Writer commands;
  private final Transcript transcript;
  private int asked;

  private Gdb(Process process) {
    this.process = process;
    this.commands = process.outputWriter(StandardCharsets.UTF_8);
    this.transcript = new Transcript("gdb", process.getInputStream());
  }

  /** Starts one that knows no program. */
  static Gdb start() {
    try {
      return new Gdb(new ProcessBuilder(COMMAND).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new AssertionError(
          "these tests need gdb on the PATH (apt install gdb, dnf install gdb)", e);
    }
  }

  /** Attaches one that knows no program. */
  static Gdb attach(String address) {
    Gdb gdb = start();
    gdb.connect(address);
    return gdb;
  }

  /** Attaches one that knows the self-test's symbols and lines. */
  static Gdb attachToSelfTest(String address, Path directory) {
    Path symbols = directory.resolve("selftest.elf");
    try {
      FirmwareImage.selfTest().writeTo(symbols);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Gdb gdb = start();
    gdb.ask("symbol-file " + symbols);
    gdb.connect(address);
    return gdb;
  }

  private void connect(String address) {
    String answer = ask("target remote " + address);
    if (!answer.contains("Remote debugging using")) {
      throw new AssertionError("gdb can't attach:\n" + transcript.text());
    }
  }

  /** Gives it a command without waiting for the end of it. */
  void tell(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      throw new AssertionError("gdb is gone:\n" + transcript.text(), e);
    }
  }

  /** Gives it a command and returns what it prints until it is ready for the next. */
  String ask(String command) {
    int from = transcript.length();
    tell(command);
    return answerSince(from);
  }

  /** Returns what it prints from position {@code from} until it is ready for the next command. */
  String answerSince(int from) {
    String marker = "<answer " + ++asked + ">";
    tell("echo " + marker + "\\n");
    transcript.await(Pattern.compile(Pattern.quote(marker)), from);
    String text = transcript.text();
    return text.substring(from, text.indexOf(marker, from));
  }

  /** Waits until it has printed {@code text} behind position {@code from}. */
  void awaitText(String text, int from) {
    transcript.await(Pattern.compile(Pattern.quote(text)), from);
  }

  /** Returns the position behind everything printed so far. */
  int position() {
    return transcript.length();
  }

  /** Returns the value of an expression, an integer of up to 64 bits. */
  long value(String expression) {
    String answer = ask("printf \"value 0x%lx\\n\", (unsigned long)(" + expression + ")");
    Matcher value = Pattern.compile("value 0x([0-9a-f]+)").matcher(answer);
    if (!value.find()) {
      throw new AssertionError("gdb knows no value of " + expression + ":\n" + transcript.text());
    }
    return Long.parseUnsignedLong(value.group(1), 16);
  }

  /** Presses Ctrl-C. */
  void interrupt() {
    Signals.send("INT", process.pid());
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  void crash() {
    try {
      if (!process.destroyForcibly().waitFor(Transcript.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("gdb survives SIGKILL");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  @Override
  public String toString() {
    return "--- gdb\n" + transcript.text();
  }
}
