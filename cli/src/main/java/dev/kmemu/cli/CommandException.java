package dev.kmemu.cli;

import org.jspecify.annotations.Nullable;

/** A command can't do what it was asked for. The message is one line: what, why, way out. */
final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitStatus;

  private CommandException(int exitStatus, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.exitStatus = exitStatus;
  }

  /** The user asked for something that makes no sense. */
  static CommandException usage(@Nullable String message, @Nullable Throwable cause) {
    return new CommandException(ExitStatus.USAGE, String.valueOf(message), cause);
  }

  /** The machine that kmemu runs on lacks something. */
  static CommandException environment(@Nullable String message, @Nullable Throwable cause) {
    return new CommandException(ExitStatus.ENVIRONMENT, String.valueOf(message), cause);
  }

  /** Who read the output has had enough of it: there is nothing to be said. */
  static CommandException readerLeft(Throwable cause) {
    return new CommandException(ExitStatus.READER_LEFT, "", cause);
  }

  int exitStatus() {
    return exitStatus;
  }
}
