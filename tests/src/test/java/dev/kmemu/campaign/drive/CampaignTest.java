package dev.kmemu.campaign.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.BrokenPmaps;
import dev.kmemu.campaign.CampaignScript;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptRun;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Campaigns find what is broken, and nothing where nothing is. */
class CampaignTest {

  private static final Suite PMAP = Suites.find("pmap").orElseThrow();

  private static CampaignState run(PmapChoice pmap, int steps, long runs, int jobs) {
    return run(PMAP, pmap, steps, runs, jobs);
  }

  private static CampaignState run(Suite suite, PmapChoice pmap, int steps, long runs, int jobs) {
    CampaignPlan plan = new CampaignPlan(suite, pmap, 7, steps, StageOptions.RAM_BYTES);
    CampaignState state = new CampaignState(plan);
    new Campaign(state, UnicornLoader.load(), new CampaignLimits(runs, Long.MAX_VALUE, jobs))
        .run(() -> {});
    return state;
  }

  @Test
  void theStandardPmapDoesWhatTheModelSays() {
    CampaignState state = run(PmapChoice.STANDARD, 400, 100, 2);

    assertThat(state.groups()).isEmpty();
    assertThat(state.totals().runs()).isEqualTo(100);
    assertThat(state.totals().steps()).isEqualTo(40_000);
    assertThat(state.totals().features()).isGreaterThan(800);
    assertThat(state.corpus()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        BrokenPmaps.MissedFlush.class,
        BrokenPmaps.LostModified.class,
        BrokenPmaps.OffByOneAtTableEnd.class,
        BrokenPmaps.WiredRemoved.class,
        BrokenPmaps.StaleNoExecute.class,
        BrokenPmaps.ProtectsFewMappings.class,
        BrokenPmaps.WrongWiredCount.class
      })
  void aBrokenPmapIsFoundAndItsScriptIsShort(Class<? extends PmapProvider> provider) {
    CampaignState state = run(new PmapChoice(provider.getName()), 300, 20, 1);

    assertThat(state.groups()).isNotEmpty();
    for (FailureGroup group : state.groups()) {
      Script script = group.first().script();
      assertThat(script.steps()).as(script.toString()).hasSizeBetween(1, FindingMaker.SHORT);
      assertThat(rerun(script).isGreen()).as(script.toString()).isFalse();
      assertThat(rerun(script.withPmap(PmapChoice.STANDARD)).isGreen()).isTrue();
    }
  }

  private static ScriptRun rerun(Script script) {
    return CampaignScript.of(script).explain(line -> {});
  }

  @ParameterizedTest
  @CsvSource({"map,150,40", "faults,150,40", "gdb,60,10", "image,200,60"})
  void theOtherSuitesAreGreenToo(String name, int steps, long runs) {
    Suite suite = Suites.find(name).orElseThrow();

    CampaignState state = run(suite, PmapChoice.STANDARD, steps, runs, 2);

    assertThat(state.groups()).isEmpty();
    assertThat(state.totals().steps()).isEqualTo(runs * steps);
    assertThat(state.totals().checks()).isGreaterThan(runs * steps / 10);
    assertThat(state.totals().features()).isGreaterThan(10);
  }

  @ParameterizedTest
  @ValueSource(strings = {"map", "faults"})
  void addressSpacesShowWhatAPmapForgets(String name) {
    Suite suite = Suites.find(name).orElseThrow();
    PmapChoice broken = new PmapChoice(BrokenPmaps.MissedFlush.class.getName());

    CampaignState state = run(suite, broken, 120, 8, 1);

    assertThat(state.groups()).isNotEmpty();
    for (FailureGroup group : state.groups()) {
      assertThat(group.first().script().steps()).hasSizeBetween(1, FindingMaker.SHORT);
      assertThat(rerun(group.first().script().withPmap(PmapChoice.STANDARD)).isGreen()).isTrue();
    }
  }

  @Test
  void equalFailuresAreReportedOnce() {
    CampaignState state =
        run(new PmapChoice(BrokenPmaps.StaleNoExecute.class.getName()), 100, 60, 1);

    List<FailureGroup> groups = state.groups();
    assertThat(state.totals().failures()).isGreaterThan(20);
    assertThat(groups).hasSizeLessThan(5);
    assertThat(groups.stream().mapToLong(FailureGroup::count).sum())
        .isEqualTo(state.totals().failures());
  }

  @Test
  void theSameSeedHasTheSameRuns() {
    CampaignPlan plan = new CampaignPlan(PMAP, PmapChoice.STANDARD, 3, 50, StageOptions.RAM_BYTES);

    assertThat(RunSteps.of(plan, 5, List.of())).isEqualTo(RunSteps.of(plan, 5, List.of()));
    assertThat(RunSteps.of(plan, 5, List.of())).isNotEqualTo(RunSteps.of(plan, 6, List.of()));
  }
}
