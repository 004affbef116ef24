package dev.kmemu.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A million page faults in one run: none may arrive as something else, none may become slower than
 * the ones before, and nothing may pile up, on the Java heap or outside it.
 */
record MillionFaults() implements Benchmark {

  private static final int ROUNDS = 977;
  private static final int SPAN_ROUNDS = 98;
  private static final int WARM_UP_ROUNDS = 200;
  private static final long FAULTS = (long) ROUNDS * FaultLoop.PAGES;

  @Override
  public String name() {
    return "million";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    try (FaultLoop loop = new FaultLoop(bench.unicorn())) {
      loop.run(WARM_UP_ROUNDS);
      double heapBefore = heapKibibytes();
      OptionalLong residentBefore = ResidentSet.kibibytes();

      GuestRun first = loop.run(SPAN_ROUNDS);
      GuestRun middle = loop.run(ROUNDS - 2 * SPAN_ROUNDS);
      GuestRun last = loop.run(SPAN_ROUNDS);

      OptionalLong residentAfter = ResidentSet.kibibytes();
      double heapAfter = heapKibibytes();
      long arrived = first.result() + middle.result() + last.result();
      double drift = (double) last.nanos() / first.nanos();
      List<BenchmarkResult> rows = new ArrayList<>();
      rows.add(row("faults", "", (double) arrived, Target.valueAtLeast(FAULTS)));
      rows.add(row("last/first", "", drift, Target.valueAtMost(1.1)));
      rows.add(row("heap", "KiB", heapAfter - heapBefore, Target.valueAtMost(1024)));
      if (residentBefore.isPresent() && residentAfter.isPresent()) {
        long growth = residentAfter.getAsLong() - residentBefore.getAsLong();
        rows.add(row("resident", "KiB", (double) growth, null));
      }
      return rows;
    }
  }

  private BenchmarkResult row(String aspect, String unit, double value, @Nullable Target target) {
    return new BenchmarkResult(
        name() + "." + aspect, unit, value, OptionalDouble.empty(), OptionalDouble.empty(), target);
  }

  private static double heapKibibytes() {
    var memory = ManagementFactory.getMemoryMXBean();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed() / 1024.0;
  }
}
