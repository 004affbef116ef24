package dev.kmemu.cli.terminal;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A line at a terminal that is written over twice a second, until it is closed. */
public final class StatusLine implements AutoCloseable {

  private static final long PERIOD_MILLIS = 500;
  private static final String ERASE = "\r\033[K";

  private final PrintStream terminal;
  private final Supplier<String> text;
  private final Thread writer = new Thread(this::write, "status line");

  private StatusLine(PrintStream terminal, Supplier<String> text) {
    this.terminal = terminal;
    this.text = text;
  }

  /**
   * Begins; {@code text} is asked on a thread of the line's own and must not end with a line feed.
   */
  public static StatusLine show(PrintStream terminal, Supplier<String> text) {
    StatusLine line = new StatusLine(terminal, text);
    line.writer.setDaemon(true);
    line.writer.start();
    return line;
  }

  private void write() {
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
        terminal.print(ERASE + text.get());
        terminal.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Erases the line. */
  @Override
  public void close() {
    writer.interrupt();
    boolean interrupted = false;
    while (writer.isAlive()) {
      try {
        writer.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    terminal.print(ERASE);
    terminal.flush();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
