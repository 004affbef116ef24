package dev.kmemu.bench;

import java.util.List;

/**
 * A page fault all the way: exception, trap router, kernel VM, {@code vm_fault}, {@code
 * pmap_enter}, the instruction again. The floor only writes the entry: it has no kernel.
 */
record KernelFault() implements Benchmark {

  private static final String FLOOR_KERNEL = "touch";
  private static final int ROUNDS = 8;
  private static final int WARM_UP_ROUNDS = 100;

  @Override
  public String name() {
    return "fault.vm";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (FaultLoop loop = new FaultLoop(bench.unicorn())) {
      loop.run(WARM_UP_ROUNDS);
      CFloor floor = bench.floor();
      if (floor != null) {
        floor.fault(FLOOR_KERNEL, FaultLoop.PAGES, 1);
      }
      Median micros =
          Median.of(
              bench.repetitions(),
              () -> micros(loop.run(ROUNDS)),
              floor == null
                  ? null
                  : () -> micros(floor.fault(FLOOR_KERNEL, FaultLoop.PAGES, ROUNDS)));
      return List.of(micros.result(name(), "us", Target.ratioAtMost(4)));
    }
  }

  private static double micros(GuestRun run) {
    int expected = FaultLoop.PAGES * ROUNDS;
    if (run.result() != expected) {
      throw new BenchmarkException(run.result() + " page faults arrived instead of " + expected);
    }
    return run.nanos() / 1e3 / expected;
  }
}
