package dev.kmemu.cluster;

import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.RangeResult;
import dev.kmemu.campaign.drive.RunRange;
import java.util.List;
import java.util.Map;

/** A campaign whose runs are counted and not done. */
final class Bookkeeping {

  static final Suite SUITE = Suites.find("pmap").orElseThrow();

  private Bookkeeping() {}

  static CampaignState state(long seed) {
    return new CampaignState(
        new CampaignPlan(SUITE, PmapChoice.STANDARD, seed, 400, StageOptions.RAM_BYTES));
  }

  /** A result that can be told from that of any other range: its steps are the runs' numbers. */
  static RangeResult result(RunRange range) {
    long steps = 0;
    for (long run = range.first(); run < range.end(); run++) {
      steps += run;
    }
    Coverage coverage = new Coverage(SUITE.features());
    coverage.hit(0, (int) (range.first() % SUITE.features().get(0).size()));
    return new RangeResult(range, steps, range.count(), coverage, Map.of(), List.of(), List.of());
  }

  /** The steps of all runs before {@code end}. */
  static long stepsBefore(long end) {
    return end * (end - 1) / 2;
  }
}
