package dev.kmemu.bench;

import java.util.Locale;

/**
 * What a benchmark should come to.
 *
 * @param subject what is compared
 * @param bound on which side of the limit it should be
 * @param limit the limit itself, which counts as met
 */
public record Target(Subject subject, Bound bound, double limit) {

  /** What is compared with the limit. */
  public enum Subject {
    /** {@link BenchmarkResult#ratio}. */
    RATIO,
    /** {@link BenchmarkResult#kmemu}. */
    VALUE
  }

  /** On which side of the limit a figure should be. */
  public enum Bound {
    /** At the limit or above. */
    AT_LEAST,
    /** At the limit or below. */
    AT_MOST
  }

  static Target ratioAtLeast(double limit) {
    return new Target(Subject.RATIO, Bound.AT_LEAST, limit);
  }

  static Target ratioAtMost(double limit) {
    return new Target(Subject.RATIO, Bound.AT_MOST, limit);
  }

  static Target valueAtLeast(double limit) {
    return new Target(Subject.VALUE, Bound.AT_LEAST, limit);
  }

  static Target valueAtMost(double limit) {
    return new Target(Subject.VALUE, Bound.AT_MOST, limit);
  }

  /** Whether {@code figure} is on the right side. */
  public boolean isMetBy(double figure) {
    return bound == Bound.AT_LEAST ? figure >= limit : figure <= limit;
  }

  @Override
  public String toString() {
    String number =
        limit == Math.rint(limit)
            ? Long.toString((long) limit)
            : String.format(Locale.ROOT, "%.2f", limit);
    return (bound == Bound.AT_LEAST ? ">= " : "<= ") + number;
  }
}
