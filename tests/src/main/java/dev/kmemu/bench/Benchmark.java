package dev.kmemu.bench;

import java.util.List;

/** One thing to measure. */
interface Benchmark {

  /** Returns the name that a pattern selects it by; its rows' names start with it. */
  String name();

  /**
   * Measures.
   *
   * @throws BenchmarkException when it can't run
   */
  List<BenchmarkResult> measure(Bench bench);
}
