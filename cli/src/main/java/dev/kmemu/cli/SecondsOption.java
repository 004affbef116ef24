package dev.kmemu.cli;

import java.time.Duration;

/** Parses a time limit in seconds. */
final class SecondsOption extends DurationOption {

  SecondsOption() {
    super("seconds", Duration.ofSeconds(1), 1_000_000);
  }
}
