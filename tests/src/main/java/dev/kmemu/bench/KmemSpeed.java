package dev.kmemu.bench;

import dev.kmemu.bench.jmh.FindSpaceBenchmark;
import dev.kmemu.bench.jmh.KmemAllocBenchmark;
import dev.kmemu.bench.jmh.KmemBulkBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The kernel's allocators by JMH. The two sizes of the map take turns, fork by fork, so that a
 * machine whose speed changes slows both; each fork counts with the median of many short
 * iterations.
 */
record KmemSpeed() implements Benchmark {

  private static final int ROUNDS = 3;
  private static final int WARM_UPS = 5;
  private static final int ITERATIONS = 25;
  private static final int FEW = 10;
  private static final int MANY = 1_000_000;

  @Override
  public String name() {
    return "kmem";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    Median alloc =
        Median.of(
            ROUNDS,
            () -> run(bench, KmemAllocBenchmark.class, "entries", Integer.toString(MANY)),
            () -> run(bench, KmemAllocBenchmark.class, "entries", Integer.toString(FEW)));
    double few = alloc.floor().orElseThrow();
    List<BenchmarkResult> rows = new ArrayList<>();
    rows.add(value("kmem.alloc.10", "us", few, Target.valueAtMost(1.5)));
    rows.add(alloc.result("kmem.alloc.1000000", "us", Target.ratioAtMost(2)));
    rows.add(
        value(
            "kmem.findspace",
            "us",
            run(bench, FindSpaceBenchmark.class, "entries", Integer.toString(MANY)),
            Target.valueAtMost(20)));
    rows.add(value("kmem.alloc.64MiB", "GB/s", bulkSpeed(bench, "used"), Target.valueAtLeast(2)));
    rows.add(value("kmem.alloc.fresh", "GB/s", bulkSpeed(bench, "fresh"), Target.valueAtLeast(2)));
    return rows;
  }

  private static double bulkSpeed(Bench bench, String ram) {
    return KmemBulkBenchmark.BYTES / 1e6 / run(bench, KmemBulkBenchmark.class, "ram", ram);
  }

  private static BenchmarkResult value(String name, String unit, double figure, Target target) {
    return new BenchmarkResult(
        name, unit, figure, OptionalDouble.empty(), OptionalDouble.empty(), target);
  }

  /** Returns the time of one operation in the benchmark's unit. */
  private static double run(Bench bench, Class<?> benchmark, String name, String parameter) {
    try {
      Path log = Files.createTempFile("kmemu-jmh", ".log");
      try {
        Collection<RunResult> results =
            new Runner(options(bench, benchmark, log).param(name, parameter).build()).run();
        if (results.size() != 1) {
          throw new BenchmarkException("JMH measured nothing:\n" + Files.readString(log).strip());
        }
        return results.iterator().next().getPrimaryResult().getStatistics().getPercentile(50);
      } finally {
        Files.delete(log);
      }
    } catch (RunnerException | IOException e) {
      throw new BenchmarkException("JMH: " + e.getMessage());
    }
  }

  private static ChainedOptionsBuilder options(Bench bench, Class<?> benchmark, Path log) {
    return new OptionsBuilder()
        .include("\\Q" + benchmark.getName() + "\\E\\..*")
        .forks(1)
        .warmupIterations(WARM_UPS)
        .warmupTime(TimeValue.seconds(1))
        .measurementIterations(ITERATIONS)
        .measurementTime(TimeValue.milliseconds(100))
        .jvmArgsAppend("-Dkmemu.unicorn=" + bench.unicorn().path(), "-Xms1g", "-Xmx1g")
        .verbosity(VerboseMode.NORMAL)
        .output(log.toString());
  }
}
