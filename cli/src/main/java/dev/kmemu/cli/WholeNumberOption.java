package dev.kmemu.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a whole number; an option's own class says between which limits. */
abstract class WholeNumberOption implements ITypeConverter<Long> {

  private final long least;
  private final long most;

  /** Takes numbers from {@code least} to {@code most}, both included. */
  WholeNumberOption(long least, long most) {
    this.least = least;
    this.most = most;
  }

  @Override
  public final Long convert(String text) {
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, together with a number out of range.
    }
    throw new TypeConversionException(
        "'" + text + "' isn't a whole number from " + text(least) + " to " + text(most));
  }

  private static String text(long limit) {
    if (limit == Long.MIN_VALUE) {
      return "-2^63";
    }
    return limit == Long.MAX_VALUE ? "2^63-1" : Long.toString(limit);
  }
}
