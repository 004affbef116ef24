package dev.kmemu.bench;

import java.util.List;

/** An {@code out} to a device that only counts: the cost of leaving the guest for a device. */
record PortExit() implements Benchmark {

  private static final String KERNEL = "outl";
  private static final int WRITES = 200_000;

  @Override
  public String name() {
    return "exit.out";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (BenchMachine machine = new BenchMachine(bench.unicorn(), bench.kernels())) {
      machine.out(KERNEL, WRITES);
      CFloor floor = bench.floor();
      Median nanos =
          Median.of(
              bench.repetitions(),
              () -> nanos(machine.out(KERNEL, WRITES)),
              floor == null ? null : () -> nanos(floor.out(KERNEL, WRITES)));
      return List.of(nanos.result(name(), "ns", null));
    }
  }

  private static double nanos(GuestRun run) {
    if (run.result() != WRITES) {
      throw new BenchmarkException(run.result() + " writes arrived instead of " + WRITES);
    }
    return (double) run.nanos() / WRITES;
  }
}
