package dev.kmemu.bench;

import java.util.List;

/**
 * One instruction at a time: kmemu steps by the trap flag, so that the guest's own exceptions stay
 * exact; the floor starts Unicorn with a count of 1, the cheapest that C can do.
 */
record SingleStep() implements Benchmark {

  private static final String KERNEL = "tight";
  private static final int STEPS = 5_000;
  private static final int WARM_UP_ROUNDS = 5;

  @Override
  public String name() {
    return "step";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (BenchMachine machine = new BenchMachine(bench.unicorn(), bench.kernels())) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        machine.step(KERNEL, STEPS);
      }
      CFloor floor = bench.floor();
      Median micros =
          Median.of(
              bench.repetitions(),
              () -> machine.step(KERNEL, STEPS).nanos() / 1e3 / STEPS,
              floor == null ? null : () -> floor.step(KERNEL, STEPS).nanos() / 1e3 / STEPS);
      return List.of(micros.result(name(), "us", null));
    }
  }
}
