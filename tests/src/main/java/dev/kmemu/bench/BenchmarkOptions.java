package dev.kmemu.bench;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param pattern a part of a benchmark's name, in which {@code *} stands for anything; null for all
 * @param guests a directory of {@code NAME.bin} to use in place of kmemu's own kernels, or null
 * @param repetitions how often each measurement is repeated, 1 to 1000
 */
public record BenchmarkOptions(@Nullable String pattern, @Nullable Path guests, int repetitions) {

  /** Repetitions that give steady medians within a minute. */
  public static final int REPETITIONS = 31;

  /** The most repetitions. */
  public static final int MOST_REPETITIONS = 1000;

  /** Checks the range of {@code repetitions}. */
  public BenchmarkOptions {
    if (repetitions < 1 || repetitions > MOST_REPETITIONS) {
      throw new IllegalArgumentException(
          "repetitions must be 1 to " + MOST_REPETITIONS + ", got " + repetitions);
    }
  }

  /** Everything, with kmemu's own kernels. */
  public static BenchmarkOptions all() {
    return new BenchmarkOptions(null, null, REPETITIONS);
  }
}
