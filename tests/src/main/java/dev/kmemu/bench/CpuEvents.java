package dev.kmemu.bench;

import java.util.ArrayList;
import java.util.List;

/** What a guest with its own kernel pays for its exceptions, system calls and interrupts. */
record CpuEvents() implements Benchmark {

  private static final int EVENTS = 20_000;
  private static final int WARM_UP_ROUNDS = 10;
  private static final int INTERRUPTS = 2_000;

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    List<BenchmarkResult> results = new ArrayList<>();
    try (EventMachine machine = new EventMachine(bench.unicorn())) {
      for (int i = 0; i < WARM_UP_ROUNDS; i++) {
        machine.exceptions(EVENTS);
        machine.systemCalls(EVENTS);
      }
      CFloor floor = bench.floor();
      results.add(
          Median.of(
                  bench.repetitions(),
                  () -> machine.exceptions(EVENTS) / 1e3 / EVENTS,
                  floor == null ? null : () -> floorFault(floor))
              .result("cpu.exception", "us", Target.ratioAtMost(6)));
      results.add(
          Median.of(bench.repetitions(), () -> machine.systemCalls(EVENTS) / 1e3 / EVENTS, null)
              .result("cpu.syscall", "us", Target.valueAtMost(4)));
      results.add(
          Median.of(
                  bench.repetitions(),
                  () -> machine.interruptLatencies(INTERRUPTS)[INTERRUPTS / 2] / 1e3,
                  null)
              .result("cpu.interrupt", "us", Target.valueAtMost(50)));
    }
    return results;
  }

  /** The page fault of the floor is what an exception is compared with. */
  private static double floorFault(CFloor floor) {
    GuestRun run = floor.fault("touch", GuestLayout.FAULT_PAGES, 8);
    return run.nanos() / 1e3 / run.result();
  }
}
