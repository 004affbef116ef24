package dev.kmemu.cli;

import java.time.Duration;

/** Parses a time limit in minutes. */
final class MinutesOption extends DurationOption {

  MinutesOption() {
    super("minutes", Duration.ofMinutes(1), 100_000);
  }
}
