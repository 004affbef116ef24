package dev.kmemu.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * {@code vm_map_findspace} where it has most to pass over: a million entries with a free page
 * behind each, and a request for two pages, which fits behind the last only.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FindSpaceBenchmark {

  private static final long RAM = 128L << 20;

  /** How many entries the map has. */
  @Param("1000000")
  public int entries;

  private CrowdedKernel kernel;

  /** Makes the entries, off the clock. */
  @Setup
  public void fragment() {
    kernel = new CrowdedKernel(RAM);
    kernel.fragment(entries);
  }

  /** Frees the machine's memory. */
  @TearDown
  public void close() {
    kernel.close();
  }

  /** The address found. */
  @Benchmark
  public long find() {
    kernel.map().lock();
    try {
      return kernel
          .vm()
          .maps()
          .space()
          .find(kernel.map(), kernel.map().min(), 2 * CrowdedKernel.PAGE, CrowdedKernel.PAGE, 0);
    } finally {
      kernel.map().unlock();
    }
  }
}
