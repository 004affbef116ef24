package dev.kmemu.bench;

import java.util.List;

/**
 * A page fault whose handler does nothing but write the entry: what the way from the guest to Java
 * and back costs, without a kernel.
 */
record BareFault() implements Benchmark {

  private static final String KERNEL = "touch";
  private static final int ROUNDS = 8;
  private static final int WARM_UP_ROUNDS = 100;

  @Override
  public String name() {
    return "fault.bare";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (BenchMachine machine = new BenchMachine(bench.unicorn(), bench.kernels())) {
      machine.fault(KERNEL, GuestLayout.FAULT_PAGES, WARM_UP_ROUNDS);
      CFloor floor = bench.floor();
      if (floor != null) {
        floor.fault(KERNEL, GuestLayout.FAULT_PAGES, 1);
      }
      Median micros =
          Median.of(
              bench.repetitions(),
              () -> micros(machine.fault(KERNEL, GuestLayout.FAULT_PAGES, ROUNDS)),
              floor == null
                  ? null
                  : () -> micros(floor.fault(KERNEL, GuestLayout.FAULT_PAGES, ROUNDS)));
      return List.of(micros.result(name(), "us", null));
    }
  }

  private static double micros(GuestRun run) {
    int expected = GuestLayout.FAULT_PAGES * ROUNDS;
    if (run.result() != expected) {
      throw new BenchmarkException(run.result() + " page faults arrived instead of " + expected);
    }
    return run.nanos() / 1e3 / expected;
  }
}
