package dev.kmemu.cli;

import dev.kmemu.emulator.boot.BootImages.Format;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --format}. */
final class FormatOption implements ITypeConverter<Format> {

  @Override
  public Format convert(String text) {
    for (Format format : Format.values()) {
      if (name(format).equals(text)) {
        return format;
      }
    }
    throw new TypeConversionException(
        "'"
            + text
            + "' isn't one of "
            + Arrays.stream(Format.values())
                .map(FormatOption::name)
                .collect(Collectors.joining(", ")));
  }

  private static String name(Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }
}
