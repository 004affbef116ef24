package dev.kmemu.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;

/**
 * Where {@code --json} goes.
 *
 * @param name a file, or - for standard output
 */
record JsonTarget(String name) {

  /** Takes the argument as it is: a file is looked at when the command runs. */
  static final class Converter implements ITypeConverter<JsonTarget> {
    @Override
    public JsonTarget convert(String text) {
      return new JsonTarget(text);
    }
  }

  boolean isStandardOutput() {
    return "-".equals(name);
  }

  /** Finds out before a long run what would spoil its end; touches nothing. */
  void requireWritable() {
    if (isStandardOutput()) {
      return;
    }
    Path file = Path.of(name);
    Path directory = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw refused("it is a directory", null);
    }
    if (directory != null && !Files.isDirectory(directory)) {
      throw refused("there is no directory " + directory, null);
    }
    if (!Files.isWritable(Files.exists(file) || directory == null ? file : directory)) {
      throw refused("permission denied", null);
    }
  }

  /** Writes the whole report. */
  void write(String text) {
    if (isStandardOutput()) {
      System.out.print(text);
      System.out.flush();
      return;
    }
    try {
      Files.writeString(Path.of(name), text);
    } catch (FileSystemException e) {
      throw refused(e.getReason() == null ? e.toString() : e.getReason(), e);
    } catch (IOException e) {
      throw refused(String.valueOf(e.getMessage()), e);
    }
  }

  private CommandException refused(@Nullable String reason, @Nullable Throwable cause) {
    return CommandException.environment(
        "--json: '" + name + "' can't be written: " + reason + " (name another file)", cause);
  }
}
