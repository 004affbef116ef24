package dev.kmemu.bench.jmh;

import dev.kmemu.emulator.memory.VirtualAddress;
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
 * {@code kmem_alloc3} and {@code kmem_free} of one page: map lock, search, insertion, page,
 * zeroing, wiring fault, page-table entry, and all of it back. Its price must not grow with the
 * map.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class KmemAllocBenchmark {

  private static final long RAM = 128L << 20;

  /** How many entries the map has. */
  @Param({"10", "1000000"})
  public int entries;

  private CrowdedKernel kernel;

  /** Makes the entries, off the clock. */
  @Setup
  public void crowd() {
    kernel = new CrowdedKernel(RAM);
    kernel.crowd(entries);
  }

  /** Frees the machine's memory. */
  @TearDown
  public void close() {
    kernel.close();
  }

  /** The page that was allocated and freed. */
  @Benchmark
  public VirtualAddress allocAndFree() {
    VirtualAddress va = kernel.kmem().alloc3(kernel.map(), CrowdedKernel.PAGE, 0).orThrow();
    kernel.kmem().free(kernel.map(), va, CrowdedKernel.PAGE);
    return va;
  }
}
