package dev.kmemu.bench;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a guest with its own kernel pays for its exceptions, system calls and interrupts. */
record CpuEvents() implements Benchmark {

  private static final int EVENTS = 20_000;
  private static final int WARM_UP_ROUNDS = 10;
  private static final int INTERRUPTS = 2_000;
  private static final int FAULT_ROUNDS = 8;
  private static final double NANOS_PER_MICRO = 1e3;

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
      results.add(exceptions(bench, machine, bench.floor()));
      results.add(
          Median.of(bench.repetitions(), () -> each(machine.systemCalls(EVENTS)), null)
              .result("cpu.syscall", "us", Target.valueAtMost(4)));
    }
    try (InterruptLatency latency = new InterruptLatency(bench.unicorn())) {
      latency.median(INTERRUPTS);
      results.add(
          Median.of(bench.repetitions(), () -> latency.median(INTERRUPTS) / NANOS_PER_MICRO, null)
              .result("cpu.interrupt", "us", Target.valueAtMost(50)));
    }
    return results;
  }

  /** An exception is compared with a page fault of the floor, the cheapest way out and back. */
  private static BenchmarkResult exceptions(
      Bench bench, EventMachine machine, @Nullable CFloor floor) {
    return Median.of(
            bench.repetitions(),
            () -> each(machine.exceptions(EVENTS)),
            floor == null ? null : () -> floorFault(floor))
        .result("cpu.exception", "us", Target.ratioAtMost(6));
  }

  private static double each(long nanos) {
    return nanos / NANOS_PER_MICRO / EVENTS;
  }

  private static double floorFault(CFloor floor) {
    GuestRun run = floor.fault("touch", GuestLayout.FAULT_PAGES, FAULT_ROUNDS);
    return run.nanos() / NANOS_PER_MICRO / run.result();
  }
}
