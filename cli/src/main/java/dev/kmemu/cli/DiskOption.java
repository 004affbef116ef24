package dev.kmemu.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --disk FILE[,ro]}. */
final class DiskOption implements ITypeConverter<DiskOption.Disk> {

  private static final String READ_ONLY = ",ro";

  /**
   * A disk that is asked for.
   *
   * @param file what is on it
   * @param readOnly whether the guest can't change it, rather than change what is lost in the end
   */
  record Disk(Path file, boolean readOnly) {}

  @Override
  public Disk convert(String text) {
    boolean readOnly = text.endsWith(READ_ONLY);
    String name = readOnly ? text.substring(0, text.length() - READ_ONLY.length()) : text;
    if (name.isEmpty()) {
      throw new TypeConversionException("'" + text + "' names no file (write FILE or FILE,ro)");
    }
    try {
      return new Disk(Path.of(name), readOnly);
    } catch (InvalidPathException e) {
      throw new TypeConversionException("'" + name + "' isn't a file's name: " + e.getReason());
    }
  }
}
