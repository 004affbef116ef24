package dev.kmemu.cli;

import dev.kmemu.cli.terminal.StandardStream;
import java.io.IOException;
import java.util.Locale;

/** What is said when standard output or standard error can't be written. */
final class UnwritableStream {

  private UnwritableStream() {}

  /**
   * Returns the complaint; none is to be printed about a pipeline whose reader has had enough.
   *
   * @param who writes there
   * @param wayOut what the user can do instead
   */
  static CommandException refused(
      String who, StandardStream stream, String wayOut, IOException cause) {
    if (stream.isPipe()) {
      return CommandException.readerLeft(cause);
    }
    return CommandException.environment(
        String.format(
            "%s: standard %s can't be written: %s (%s)",
            who, stream.name().toLowerCase(Locale.ROOT), cause.getMessage(), wayOut),
        cause);
  }
}
