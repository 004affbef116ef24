package dev.kmemu.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * Where {@code --serial} leads.
 *
 * @param name stdio, none or a file
 */
record SerialTarget(String name) {

  static final SerialTarget STANDARD = new SerialTarget("stdio");
  static final SerialTarget NONE = new SerialTarget("none");

  /** Takes the argument as it is: a file is opened when the command runs. */
  static final class Converter implements ITypeConverter<SerialTarget> {
    @Override
    public SerialTarget convert(String text) {
      return new SerialTarget(text);
    }
  }

  boolean isStandard() {
    return equals(STANDARD);
  }

  /** Opens the output. */
  OutputStream open() {
    if (equals(NONE)) {
      return OutputStream.nullOutputStream();
    }
    if (isStandard()) {
      // Unbuffered: a prompt doesn't end with a line feed.
      return new FileOutputStream(FileDescriptor.out);
    }
    try {
      return Files.newOutputStream(Path.of(name));
    } catch (IOException | IllegalArgumentException e) {
      throw CommandException.environment(
          "--serial: '"
              + name
              + "' can't be written: "
              + reason(e)
              + " (name another file, stdio or none)",
          e);
    }
  }

  private static String reason(Exception e) {
    if (e instanceof NoSuchFileException) {
      return "there is no such directory";
    }
    return e instanceof AccessDeniedException ? "permission denied" : "it is no file";
  }
}
