package dev.kmemu.cli;

import dev.kmemu.emulator.fault.DeviceFault;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --device-fault}. */
final class FaultOption implements ITypeConverter<DeviceFault> {

  @Override
  public DeviceFault convert(String text) {
    try {
      return DeviceFault.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
