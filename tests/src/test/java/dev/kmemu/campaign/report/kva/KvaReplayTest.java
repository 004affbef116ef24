package dev.kmemu.campaign.report.kva;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.Finding;
import dev.kmemu.campaign.drive.RangeResult;
import dev.kmemu.campaign.drive.RunRange;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which scripts are run for a picture, and what is said when none can be. */
class KvaReplayTest {

  private static final long KVA = 0xffffffffbfffd000L;
  private static final CampaignPlan PLAN =
      new CampaignPlan(
          Suites.find("pmap").orElseThrow(), PmapChoice.STANDARD, 1, 100, StageOptions.RAM_BYTES);

  private final CampaignState state = new CampaignState(PLAN);

  private static Script script(String finding, String... steps) {
    return ScriptText.parse("kmemu-campaign 1\nsuite pmap\nsteps\n" + String.join("\n", steps))
        .withFinding(finding);
  }

  private void add(long run, List<Finding> findings, Script... corpus) {
    state.merge(
        new RangeResult(
            new RunRange(run, 1),
            1,
            1,
            new Coverage(PLAN.suite().features()),
            Map.of(),
            findings,
            List.of(corpus)));
  }

  private static Finding finding(String check, Script script) {
    Failure failure = Failure.of(check, "enter", "something", "else");
    return new Finding(0, failure.kind(), failure, script, 9, 0, 0);
  }

  private List<KvaView> pictures() {
    return KvaReplay.of(state, UnicornLoader.load());
  }

  @Test
  void theWidestScriptIsLeftAsItIsBehindItsLastStep() {
    add(0, List.of(), script("3 new features", "check"));
    add(1, List.of(), script("12 new features", "enter-kernel 0xffffffffbfffd000 p0 rw wired"));

    assertThat(pictures())
        .singleElement()
        .isInstanceOfSatisfying(
            KvaPicture.class,
            picture -> {
              assertThat(picture.moment()).contains("covered the most");
              assertThat(picture.kernel().lanes())
                  .flatExtracting(KvaLane::areas)
                  .anySatisfy(
                      area -> {
                        assertThat(area.start().value()).isEqualTo(KVA);
                        assertThat(area.kind()).isEqualTo(AreaKind.MANAGED_WIRED);
                      });
            });
  }

  @Test
  void theFirstFailureThatEndsIsDrawnBeforeIt() {
    add(0, List.of(finding("hang", script("", "check"))));
    add(1, List.of(finding("entry", script("", "enter A 0x0 p0 r pageable"))));
    add(2, List.of(), script("1 new features", "check"));

    assertThat(pictures())
        .extracting(view -> ((KvaPicture) view).moment())
        .satisfiesExactly(
            first -> assertThat(first).contains("failure 2"),
            second -> assertThat(second).contains("covered the most"));
  }

  @Test
  void withoutAnyScriptTheReasonIsGiven() {
    assertThat(pictures())
        .containsExactly(
            new KvaView.Missing("The campaign has no script that could be run for one."));
  }

  @Test
  void aScriptWhosePmapIsGoneGivesTheReason() {
    add(0, List.of(), script("1 new features", "check").withPmap(new PmapChoice("gone.AwayPmap")));

    assertThat(pictures())
        .singleElement()
        .isInstanceOfSatisfying(
            KvaView.Missing.class,
            missing -> assertThat(missing.reason()).contains("gone.AwayPmap"));
  }
}
