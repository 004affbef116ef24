package dev.kmemu.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a physical address: decimal, or hexadecimal with 0x. */
final class AddressOption implements ITypeConverter<Long> {

  @Override
  public Long convert(String text) {
    try {
      long address = Long.decode(text);
      if (address >= 0) {
        return address;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with a negative one.
    }
    throw new TypeConversionException("'" + text + "' isn't an address, for example 0x100000");
  }
}
