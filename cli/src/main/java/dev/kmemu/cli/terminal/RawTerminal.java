package dev.kmemu.cli.terminal;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The terminal at standard input in raw mode: every key goes to the guest. It is as it was after
 * {@link #close}, and also when the program is terminated by a signal that can be caught.
 */
public final class RawTerminal implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 5;

  private final String before;
  private final Thread restoring = new Thread(this::restore, "restore terminal");
  private boolean restored;

  private RawTerminal(String before) {
    this.before = before;
  }

  /**
   * Keeps keys from being shown, and leaves the others their meaning: Ctrl-C ends the program. Null
   * as for {@link #enter}.
   */
  public static @Nullable RawTerminal silence() {
    return enter("-echo", "-icanon", "-ixon");
  }

  /** Changes the mode; null when standard input is no terminal, or its mode can't be changed. */
  public static @Nullable RawTerminal enter() {
    // Output stays cooked, for the sake of the program's own lines.
    return enter("raw", "-echo", "opost");
  }

  private static @Nullable RawTerminal enter(String... settings) {
    if (!StandardStream.INPUT.isTerminal()) {
      return null;
    }
    String before = stty("-g");
    if (before == null || before.isEmpty()) {
      return null;
    }
    RawTerminal terminal = new RawTerminal(before);
    Runtime.getRuntime().addShutdownHook(terminal.restoring);
    stty(settings);
    return terminal;
  }

  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(restoring);
    } catch (IllegalStateException e) {
      // The program is ending: the hook finds nothing left to do.
    }
  }

  private synchronized void restore() {
    if (!restored) {
      restored = true;
      stty(before);
    }
  }

  /** Returns what stty printed, or null when it failed. */
  private static @Nullable String stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.INHERIT)
              .redirectError(Redirect.DISCARD)
              .start();
      String text =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      return ended && process.exitValue() == 0 ? text : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
