package dev.kmemu.cli;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a time, with decimals if need be; an option's own class says in which unit. */
abstract class DurationOption implements ITypeConverter<Duration> {

  private final String units;
  private final BigDecimal unitMillis;
  private final BigDecimal most;

  /** Takes up to {@code most} of the unit, which is called {@code units} to people. */
  DurationOption(String units, Duration unit, long most) {
    this.units = units;
    this.unitMillis = BigDecimal.valueOf(unit.toMillis());
    this.most = BigDecimal.valueOf(most);
  }

  @Override
  public final Duration convert(String text) {
    try {
      BigDecimal number = new BigDecimal(text);
      if (number.signum() > 0 && number.compareTo(most) <= 0) {
        return Duration.ofMillis(Math.max(1, number.multiply(unitMillis).longValue()));
      }
    } catch (NumberFormatException e) {
      // Reported below, together with a number out of range.
    }
    throw new TypeConversionException(
        "'" + text + "' isn't a number of " + units + " above 0 and up to " + most);
  }
}
