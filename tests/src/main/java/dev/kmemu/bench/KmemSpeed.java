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
 * The kernel's allocators by JMH. The two sizes of the map take turns, round by round, so that a
 * machine whose speed changes slows both.
 */
record KmemSpeed() implements Benchmark {

  private static final int ROUNDS = 3;
  private static final int ITERATIONS = 3;
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
            () -> run(bench, KmemAllocBenchmark.class, MANY),
            () -> run(bench, KmemAllocBenchmark.class, FEW));
    double few = alloc.floor().orElseThrow();
    double find = run(bench, FindSpaceBenchmark.class, 0);
    double bulkMillis = run(bench, KmemBulkBenchmark.class, 0);
    List<BenchmarkResult> rows = new ArrayList<>();
    rows.add(value("kmem.alloc.10", "us", few, Target.valueAtMost(1.5)));
    rows.add(alloc.result("kmem.alloc.1000000", "us", Target.ratioAtMost(2)));
    rows.add(value("kmem.findspace", "us", find, Target.valueAtMost(20)));
    rows.add(
        value(
            "kmem.alloc.64MiB",
            "GB/s",
            KmemBulkBenchmark.BYTES / 1e6 / bulkMillis,
            Target.valueAtLeast(2)));
    return rows;
  }

  private static BenchmarkResult value(String name, String unit, double figure, Target target) {
    return new BenchmarkResult(
        name, unit, figure, OptionalDouble.empty(), OptionalDouble.empty(), target);
  }

  /** Returns the time of one operation in the benchmark's unit. */
  private static double run(Bench bench, Class<?> benchmark, int entries) {
    try {
      Path log = Files.createTempFile("kmemu-jmh", ".log");
      try {
        Collection<RunResult> results =
            new Runner(options(bench, benchmark, entries, log).build()).run();
        if (results.size() != 1) {
          throw new BenchmarkException("JMH measured nothing:\n" + Files.readString(log).strip());
        }
        return results.iterator().next().getPrimaryResult().getScore();
      } finally {
        Files.delete(log);
      }
    } catch (RunnerException | IOException e) {
      throw new BenchmarkException("JMH: " + e.getMessage());
    }
  }

  private static ChainedOptionsBuilder options(
      Bench bench, Class<?> benchmark, int entries, Path log) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\Q" + benchmark.getName() + "\\E\\..*")
            .forks(1)
            .warmupIterations(ITERATIONS)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(ITERATIONS)
            .measurementTime(TimeValue.seconds(1))
            .jvmArgsAppend("-Dkmemu.unicorn=" + bench.unicorn().path(), "-Xms1g", "-Xmx1g")
            .verbosity(VerboseMode.NORMAL)
            .output(log.toString());
    return entries == 0 ? options : options.param("entries", Integer.toString(entries));
  }
}
