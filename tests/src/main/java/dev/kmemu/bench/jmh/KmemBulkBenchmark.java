package dev.kmemu.bench.jmh;

import dev.kmemu.emulator.memory.VirtualAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * {@code kmem_alloc} of 64 MiB: what of the allocator's price is per page. Pages that were used
 * before are zeroed; those of a fresh machine are known to be zero, which is only verified.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class KmemBulkBenchmark {

  /** What one call allocates. */
  public static final long BYTES = 64L << 20;

  private static final long RAM = 96L << 20;

  /** What RAM holds: {@code used} or {@code fresh}. */
  @Param({"used", "fresh"})
  public String ram = "used";

  private CrowdedKernel kernel;
  private VirtualAddress allocated = new VirtualAddress(0);

  /** Boots the kernel. */
  @Setup
  public void boot() {
    kernel = new CrowdedKernel(RAM);
  }

  /** Frees the machine's memory. */
  @TearDown
  public void close() {
    kernel.close();
  }

  /** Off the clock: a call takes tens of milliseconds, which hides the price of looking at it. */
  @TearDown(Level.Invocation)
  public void free() {
    if (ram.equals("fresh")) {
      kernel.close();
      kernel = new CrowdedKernel(RAM);
    } else {
      kernel.kmem().free(kernel.map(), allocated, BYTES);
    }
  }

  /** The range's address. */
  @Benchmark
  public VirtualAddress alloc() {
    allocated = kernel.kmem().alloc(kernel.map(), BYTES).orThrow();
    return allocated;
  }
}
