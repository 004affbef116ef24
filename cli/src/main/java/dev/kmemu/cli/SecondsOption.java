package dev.kmemu.cli;

import java.math.BigDecimal;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Parses a time limit in seconds, with decimals if need be. */
final class SecondsOption implements ITypeConverter<Duration> {

  private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000);

  @Override
  public Duration convert(String text) {
    try {
      BigDecimal seconds = new BigDecimal(text);
      if (seconds.signum() > 0 && seconds.compareTo(MOST) <= 0) {
        return Duration.ofMillis(Math.max(1, seconds.movePointRight(3).longValue()));
      }
    } catch (NumberFormatException e) {
      // Reported below, together with a number out of range.
    }
    throw new TypeConversionException(
        "'" + text + "' isn't a number of seconds above 0 and up to 1000000");
  }
}
