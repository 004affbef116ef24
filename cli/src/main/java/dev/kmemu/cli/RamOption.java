package dev.kmemu.cli;

import dev.kmemu.emulator.machine.RamSize;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --ram}. */
final class RamOption implements ITypeConverter<RamSize> {

  @Override
  public RamSize convert(String text) {
    try {
      return RamSize.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(
          "'"
              + text
              + "' isn't "
              + new RamSize(RamSize.SMALLEST)
              + " to "
              + new RamSize(RamSize.LARGEST)
              + " in multiples of 4K, for example 64M");
    }
  }
}
