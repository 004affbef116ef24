package dev.kmemu.cli;

import dev.kmemu.cli.terminal.SerialSocket;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.gdb.server.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * Where a serial port or console leads.
 *
 * @param name stdio, none or a file, for a person
 * @param endpoint where it listens, for a socket
 */
record SerialTarget(String name, @Nullable Endpoint endpoint) {

  static final SerialTarget STANDARD = new SerialTarget("stdio", null);
  static final SerialTarget NONE = new SerialTarget("none", null);

  /** A file is opened when the command runs. */
  static final class Converter implements ITypeConverter<SerialTarget> {

    private static final String TCP = "tcp:";

    @Override
    public SerialTarget convert(String text) {
      if (text.startsWith(TCP)) {
        return new SerialTarget(text, new ListenAddress().convert(text.substring(TCP.length())));
      }
      return new SerialTarget(
          text, text.startsWith(ListenAddress.SOCKET) ? new ListenAddress().convert(text) : null);
    }
  }

  boolean isStandard() {
    return equals(STANDARD);
  }

  /** Opens the output, for the option {@code --option}. */
  OutputStream open(String option) {
    if (endpoint != null) {
      try {
        return SerialSocket.listen(endpoint);
      } catch (IOException e) {
        throw new Listening("--" + option, endpoint).refused(e);
      }
    }
    if (equals(NONE)) {
      return OutputStream.nullOutputStream();
    }
    if (isStandard()) {
      return StandardStream.OUTPUT.open();
    }
    try {
      return Files.newOutputStream(Path.of(name));
    } catch (IOException | IllegalArgumentException e) {
      throw refused(option, reason(e), e);
    }
  }

  /** Returns what is to be said when the output of {@code --option} couldn't be written. */
  CommandException failed(String option, IOException cause) {
    return isStandard()
        ? UnwritableStream.refused(
            "--" + option, StandardStream.OUTPUT, "redirect it, or name a file", cause)
        : refused(option, String.valueOf(cause.getMessage()), cause);
  }

  private CommandException refused(String option, String reason, Exception cause) {
    return CommandException.environment(
        "--"
            + option
            + ": '"
            + name
            + "' can't be written: "
            + reason
            + " (name another file, stdio or none)",
        cause);
  }

  private static String reason(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such directory";
    }
    return e instanceof AccessDeniedException ? "permission denied" : "it is no file";
  }
}
