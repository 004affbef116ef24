package dev.kmemu.cli;

import static org.assertj.core.api.Assertions.assertThat;

/** What every refusal has in common: one line that helps, and nothing else. */
final class Refusals {

  private Refusals() {}

  /** Holds that nothing ran and that the one line on standard error holds {@code parts}. */
  static void assertRefused(Program.Ended ended, int status, String... parts) {
    assertOneLine(ended, status, parts);
    assertThat(ended.out()).as("standard output: %s", ended).isEmpty();
  }

  /** Holds that the one line on standard error holds {@code parts}. */
  static void assertOneLine(Program.Ended ended, int status, String... parts) {
    assertThat(ended.status()).as("exit status: %s", ended).isEqualTo(status);
    assertThat(ended.errLines()).as("standard error: %s", ended).hasSize(1);
    assertThat(ended.err())
        .as("the line on standard error")
        .startsWith("kmemu: ")
        .contains(parts)
        .matches("(?s).*\\(.+\\)\\R")
        .doesNotContain("Exception", "\tat ", "internal error");
  }
}
