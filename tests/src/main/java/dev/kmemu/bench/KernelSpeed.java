package dev.kmemu.bench;

import java.util.List;
import java.util.function.DoubleSupplier;

/**
 * How fast a kernel runs that never leaves the guest: whatever kmemu has installed must not slow
 * down code that doesn't use it.
 *
 * @param kernel the kernel's name
 * @param n its work, 0 to find out what takes long enough to be measured
 * @param countedN a smaller n from which the number of instructions is extrapolated; they must be
 *     proportional
 */
record KernelSpeed(String kernel, long n, long countedN) implements Benchmark {

  private static final long LONG_ENOUGH_NANOS = 50_000_000;
  private static final Target TARGET = Target.ratioAtLeast(0.95);

  /** A kernel of which only the contract is known. */
  static KernelSpeed ofUnknown(String kernel) {
    return new KernelSpeed(kernel, 0, 0);
  }

  @Override
  public String name() {
    return "guest." + kernel;
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (BenchMachine machine = new BenchMachine(bench.unicorn(), bench.kernels())) {
      long work = n == 0 ? longEnough(machine) : n;
      GuestRun warmUp = machine.run(kernel, work);
      CFloor floor = bench.floor();
      if (floor == null) {
        Median millis =
            Median.of(
                bench.repetitions(), () -> nanos(machine.run(kernel, work), warmUp) / 1e6, null);
        return List.of(millis.result(name(), "ms", TARGET));
      }
      nanos(floor.run(kernel, work), warmUp);
      long counted = countedN == 0 ? work : countedN;
      double instructions =
          (double) floor.countInstructions(kernel, counted) * work / counted * 1e3;
      DoubleSupplier ours = () -> instructions / nanos(machine.run(kernel, work), warmUp);
      DoubleSupplier theirs = () -> instructions / nanos(floor.run(kernel, work), warmUp);
      return List.of(Median.of(bench.repetitions(), ours, theirs).result(name(), "MIPS", TARGET));
    }
  }

  private double nanos(GuestRun run, GuestRun first) {
    if (run.result() != first.result()) {
      throw new BenchmarkException(
          String.format(
              "%s gives 0x%x at first and then 0x%x", kernel, first.result(), run.result()));
    }
    return run.nanos();
  }

  /** Grows n slowly, because a kernel's work may grow with a power of it. */
  private long longEnough(BenchMachine machine) {
    long work = 1;
    while (machine.run(kernel, work).nanos() < LONG_ENOUGH_NANOS) {
      work += Math.max(1, work / 4);
    }
    return work;
  }
}
