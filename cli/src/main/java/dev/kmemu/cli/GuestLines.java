package dev.kmemu.cli;

import dev.kmemu.cli.terminal.CharacterLine;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.emulator.pc.PcMachine;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a PC's serial port, virtio console and debug console lead. */
final class GuestLines implements AutoCloseable {

  private static final String DEBUG_CONSOLE = "debug console (port 0xe9)";

  private final SerialLine serial;
  private final SerialLine console;
  private final SerialOutput debugConsole;

  private GuestLines(SerialLine serial, SerialLine console, SerialOutput debugConsole) {
    this.serial = serial;
    this.console = console;
    this.debugConsole = debugConsole;
  }

  /**
   * Opens what was asked for.
   *
   * @param quiet whether standard output is for something else, so that the debug console and what
   *     is said of sockets are on standard error
   */
  static GuestLines open(SerialTarget serial, @Nullable SerialTarget console, boolean quiet)
      throws IOException {
    PrintStream people = quiet ? System.err : System.out;
    StandardStream stream = quiet ? StandardStream.ERROR : StandardStream.OUTPUT;
    SerialOutput debugConsole =
        new SerialOutput(
            DEBUG_CONSOLE,
            stream.open(),
            e -> UnwritableStream.refused(DEBUG_CONSOLE, stream, "redirect it", e));
    SerialLine line = SerialLine.open("serial", serial, people);
    try {
      SerialTarget second = console == null ? SerialTarget.NONE : console;
      return new GuestLines(line, SerialLine.open("console", second, people), debugConsole);
    } catch (CommandException e) {
      line.close();
      throw e;
    }
  }

  /** Returns what takes the characters of the serial port. */
  SerialOutput serial() {
    return serial.output();
  }

  /** Returns what takes the characters of the virtio console. */
  SerialOutput console() {
    return console.output();
  }

  /** Returns what takes the characters of the debug console. */
  SerialOutput debugConsole() {
    return debugConsole;
  }

  /** Whether one of them has this program's standard input. */
  boolean areStandard() {
    return serial.isStandard() || console.isStandard();
  }

  /**
   * Lets the guest receive what comes in.
   *
   * @param keys whether standard input is a terminal in raw mode, where keys can end the program
   */
  void connect(PcMachine pc, boolean keys) {
    Runnable quit =
        () -> {
          stop();
          pc.machine().close();
        };
    serial.connect(CharacterLine.of(pc.com1()), keys, quit);
    pc.console().ifPresent(device -> console.connect(CharacterLine.of(device), keys, quit));
  }

  /** Lets nothing in any more. */
  void disconnect() {
    serial.disconnect();
    console.disconnect();
  }

  /** Lets nothing out any more, and returns the names of those whose output nobody took. */
  List<String> stop() {
    return all().filter(SerialOutput::stop).map(SerialOutput::name).toList();
  }

  /** Completes when one of them couldn't be written. */
  CompletableFuture<Object> failure() {
    return CompletableFuture.anyOf(
        all().map(SerialOutput::failure).toArray(CompletableFuture<?>[]::new));
  }

  /**
   * Does nothing while all that the guest has transmitted could be written.
   *
   * @throws CommandException when it couldn't
   */
  void requireWritten() {
    Optional<CommandException> first =
        all()
            .map(SerialOutput::failure)
            .filter(CompletableFuture::isDone)
            .map(CompletableFuture::join)
            .findFirst();
    if (first.isPresent()) {
      throw first.get();
    }
  }

  private Stream<SerialOutput> all() {
    return Stream.of(serial(), console(), debugConsole());
  }

  @Override
  public void close() throws IOException {
    try {
      console.close();
    } finally {
      serial.close();
    }
  }
}
