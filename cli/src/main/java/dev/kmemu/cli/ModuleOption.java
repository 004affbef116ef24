package dev.kmemu.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --module FILE[=ARGS]}. */
final class ModuleOption implements ITypeConverter<ModuleOption.Module> {

  /**
   * A module.
   *
   * @param arguments possibly empty
   */
  record Module(Path file, String arguments) {}

  @Override
  public Module convert(String text) {
    int sign = text.indexOf('=');
    String file = sign < 0 ? text : text.substring(0, sign);
    if (file.isEmpty()) {
      throw new TypeConversionException("'" + text + "' names no file, FILE[=ARGS] is wanted");
    }
    return new Module(Path.of(file), sign < 0 ? "" : text.substring(sign + 1));
  }
}
