package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.BrokenPmaps;
import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.Finding;
import dev.kmemu.campaign.drive.RangeResult;
import dev.kmemu.campaign.drive.RunRange;
import dev.kmemu.campaign.report.kva.KvaReplay;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Campaigns to report on. */
final class SampleReport {

  static final Path DIRECTORY = Path.of("campaigns", "pmap <7> & 'more'");

  private static final Suite PMAP = Suites.find("pmap").orElseThrow();
  private static final int STEPS = 400;
  private static final int RUNS = 20;

  private SampleReport() {}

  static CampaignState empty() {
    return new CampaignState(
        new CampaignPlan(PMAP, PmapChoice.STANDARD, 7, STEPS, StageOptions.RAM_BYTES));
  }

  /** Returns what comes of runs in which nothing happened but for the findings. */
  static RangeResult result(long first, Map<String, Long> kinds, List<Finding> findings) {
    return new RangeResult(
        new RunRange(first, 10),
        4000,
        20_000,
        new Coverage(PMAP.features()),
        kinds,
        findings,
        List.of());
  }

  /** Returns a failure whose every text would be markup, if it could. */
  static Finding hostile() {
    String markup = "<script>document.title = 'broken'</script> & \"quoted\" </pre><img src=x>";
    Failure failure =
        new Failure(
            "panic: " + markup,
            "remove",
            markup,
            markup + "\u0000\u001b[31m",
            List.of("PTE " + markup, "0x" + "f".repeat(300)));
    Script script =
        ScriptText.parse("kmemu-campaign 1\nsuite pmap\nsteps\nload user 0x1000\n")
            .withFinding(markup);
    return new Finding(3, failure.kind(), failure, script, 90, 40, 12);
  }

  /** Returns the report of a campaign against a broken pmap, and of a hostile failure. */
  static String broken() {
    return Broken.HTML;
  }

  private static final class Broken {

    static final String HTML = html();

    private static String html() {
      Unicorn unicorn = UnicornLoader.load();
      PmapChoice pmap = new PmapChoice(BrokenPmaps.WrongWiredCount.class.getName());
      CampaignState state =
          new CampaignState(new CampaignPlan(PMAP, pmap, 7, STEPS, StageOptions.RAM_BYTES));
      new Campaign(state, unicorn, new CampaignLimits(RUNS, Long.MAX_VALUE, 1)).run(() -> {});
      Finding hostile = hostile();
      state.merge(result(1000, Map.of(hostile.kind(), 2L), List.of(hostile)));
      return HtmlReport.of(state, DIRECTORY, KvaReplay.of(state, unicorn));
    }
  }
}
