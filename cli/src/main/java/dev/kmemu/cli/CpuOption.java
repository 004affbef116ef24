package dev.kmemu.cli;

import dev.kmemu.emulator.model.CpuModel;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses {@code --cpu}. */
final class CpuOption implements ITypeConverter<CpuModel> {

  /** What the option takes, for its help. */
  static final String DESCRIPTION =
      "Which processor the guest has: max (all that works), x86-64, x86-64-v2 or qemu64, then"
          + " what it has beside or lacks, as in --cpu max,-smap or x86-64,+smep;"
          + " model-id=TEXT names it. A wrong feature lists the right ones. Default: max.";

  @Override
  public CpuModel convert(String text) {
    try {
      return CpuModel.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
