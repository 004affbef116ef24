package dev.kmemu.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/**
 * Where {@code --serial} leads.
 *
 * @param name stdio, none or a file
 */
record SerialTarget(String name) {

  /** Takes the argument as it is: a file is opened when the command runs. */
  static final class Converter implements ITypeConverter<SerialTarget> {
    @Override
    public SerialTarget convert(String text) {
      return new SerialTarget(text);
    }
  }

  boolean isStandard() {
    return name.equals("stdio");
  }

  /** Opens the output. */
  OutputStream open() {
    if (name.equals("none")) {
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
              + e.getClass().getSimpleName()
              + " (name another file, stdio or none)",
          e);
    }
  }
}
