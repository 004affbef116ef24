package dev.kmemu.cli;

import dev.kmemu.emulator.time.TimeMode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --time}. */
final class TimeOption implements ITypeConverter<TimeMode> {

  @Override
  public TimeMode convert(String value) {
    return switch (value) {
      case "wall" -> TimeMode.WALL;
      case "instructions" -> TimeMode.INSTRUCTIONS;
      default -> throw new TypeConversionException("'" + value + "' isn't wall or instructions");
    };
  }
}
