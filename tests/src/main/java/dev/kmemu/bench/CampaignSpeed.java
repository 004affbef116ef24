package dev.kmemu.bench;

import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/**
 * How many pmap operations a second a campaign does and compares, with two machines on two threads.
 * Wall-clock time: that is what a campaign's user waits for.
 */
record CampaignSpeed() implements Benchmark {

  private static final int JOBS = 2;
  private static final long WARM_UP_SECONDS = 3;
  private static final long SECONDS = 3;
  private static final double ENOUGH = 20_000;

  @Override
  public String name() {
    return "campaign";
  }

  @Override
  public List<BenchmarkResult> measure(Bench bench) {
    run(bench, 1, WARM_UP_SECONDS);
    double[] rates = new double[Math.max(3, bench.repetitions() / 4)];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = run(bench, i + 2, SECONDS);
    }
    Arrays.sort(rates);
    return List.of(
        new BenchmarkResult(
            "campaign.pmap",
            "ops/s",
            rates[rates.length / 2],
            OptionalDouble.empty(),
            OptionalDouble.empty(),
            Target.valueAtLeast(ENOUGH)));
  }

  private static double run(Bench bench, long seed, long seconds) {
    CampaignPlan plan =
        new CampaignPlan(
            Suites.find("pmap").orElseThrow(),
            PmapChoice.STANDARD,
            seed,
            CampaignPlan.STEPS,
            StageOptions.RAM_BYTES);
    CampaignState state = new CampaignState(plan);
    CampaignLimits limits =
        new CampaignLimits(Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(seconds), JOBS);
    new Campaign(state, bench.unicorn(), limits).run(() -> {});
    CampaignTotals totals = state.totals();
    if (totals.failures() != 0) {
      throw new BenchmarkException("the standard pmap failed: " + state.groups());
    }
    return totals.steps() * 1000.0 / totals.millis();
  }
}
