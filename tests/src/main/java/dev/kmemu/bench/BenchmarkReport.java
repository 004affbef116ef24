package dev.kmemu.bench;

import java.util.List;

/**
 * All that was measured.
 *
 * @param results the rows, in the order of the table
 * @param failures one line for each benchmark that couldn't run
 */
public record BenchmarkReport(List<BenchmarkResult> results, List<String> failures) {

  /** Copies the lists. */
  public BenchmarkReport {
    results = List.copyOf(results);
    failures = List.copyOf(failures);
  }

  /** Returns 0 when everything ran, whether or not it met its target, else 1. */
  public int exitStatus() {
    return failures.isEmpty() ? 0 : 1;
  }
}
