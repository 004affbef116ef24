package dev.kmemu.bench;

import dev.kmemu.walk.Controls;
import dev.kmemu.walk.Findings;
import dev.kmemu.walk.OneLevelAtATime;
import dev.kmemu.walk.RandomEntries;
import dev.kmemu.walk.WalkCampaign;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Combinations of page-table entries, control bits and accesses that the CPU's own walk and the
 * Java walk are compared on in a minute: what a change of either costs to check.
 */
record WalkEquality() implements Benchmark {

  private static final long SEED = 1;
  private static final long ENOUGH = 20_000;
  private static final double NANOS_PER_MINUTE = 60e9;

  @Override
  public String name() {
    return "walk.equality";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    Findings findings = new Findings();
    try (WalkCampaign campaign = new WalkCampaign(bench.unicorn(), findings)) {
      for (Controls controls : Controls.all()) {
        campaign.run(controls, new OneLevelAtATime(), ENOUGH / 10);
      }
      long combinations = 0;
      long start = CpuTime.nanos();
      for (Controls controls : Controls.all()) {
        combinations += campaign.run(controls, new OneLevelAtATime());
        combinations += campaign.run(controls, new RandomEntries(SEED), ENOUGH);
      }
      double minutes = (CpuTime.nanos() - start) / NANOS_PER_MINUTE;
      return List.of(
          row(name(), "/min", combinations / minutes, Target.valueAtLeast(1_000_000)),
          row(name() + ".new", "", (double) findings.unknown(), Target.valueAtMost(0)));
    }
  }

  private static BenchmarkResult row(String name, String unit, double value, Target target) {
    return new BenchmarkResult(
        name, unit, value, OptionalDouble.empty(), OptionalDouble.empty(), target);
  }
}
