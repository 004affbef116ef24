package dev.kmemu.campaign.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.CampaignScript;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.PmapsBrokenByThreads;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.FailureGroup;
import dev.kmemu.campaign.drive.FindingMaker;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.pmap.PmapProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Campaigns find what goes wrong only when threads get in each other's way. */
class ConcurrentRunsTest {

  private static final Suite MAP = Suites.find("map").orElseThrow();

  private static Script found(Class<? extends PmapProvider> provider, long runs) {
    PmapChoice broken = new PmapChoice(provider.getName());
    CampaignState state =
        new CampaignState(new CampaignPlan(MAP, broken, 7, 120, StageOptions.RAM_BYTES));
    new Campaign(state, UnicornLoader.load(), new CampaignLimits(runs, Long.MAX_VALUE, 1))
        .run(() -> {});
    List<FailureGroup> groups = state.groups();
    assertThat(groups).isNotEmpty();
    return groups.get(0).first().script();
  }

  private static List<String> told(Script script) {
    List<String> lines = new ArrayList<>();
    CampaignScript.of(script).explain(lines::add);
    return lines;
  }

  private static Script withoutThreads(Script script) {
    return script.withSteps(
        script.steps().stream().filter(step -> step.verb() != MapVerb.THREAD).toList());
  }

  private static boolean isGreen(Script script) {
    return CampaignScript.of(script).explain(line -> {}).isGreen();
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        PmapsBrokenByThreads.CountReadBeforeSleep.class,
        PmapsBrokenByThreads.NoWakeup.class
      })
  void aPmapThatOnlyThreadsBreakIsFoundAndItsScriptIsShort(Class<? extends PmapProvider> provider) {
    Script script = found(provider, 24);

    assertThat(script.steps()).as(script.toString()).hasSizeBetween(4, FindingMaker.SHORT);
    assertThat(isGreen(script)).isFalse();
    assertThat(isGreen(script.withPmap(PmapChoice.STANDARD))).isTrue();
    assertThat(isGreen(withoutThreads(script))).isTrue();
    assertThat(told(script)).isEqualTo(told(script));
  }

  private static final String DEADLOCK =
      """
      kmemu-campaign 1
      suite map
      pmap dev.kmemu.campaign.PmapsBrokenByThreads$NoWakeup
      steps
      map A 0x7000001fd000 0x7000001fd000 rw
      spawn B
      map B 0x7000001fd000 0x700000200000 rw
      thread t1
      store user 0x7000001fd000
      thread t2
      exit B
      preempt t1 1 t2
      together
      """;

  @Test
  void aMissingWakeupIsADeadlockThatSaysWhoSleeps() {
    List<String> lines = new ArrayList<>();

    CampaignScript.parse(DEADLOCK).explain(lines::add);

    assertThat(lines)
        .contains("step 9 fails: deadlock after exit+store")
        .contains("  got      t1 (store user 0x7000001fd000) sleeps on a pmap, pmbusy");
  }

  @Test
  void theSameStepsInAnotherOrderEnd() {
    assertThat(isGreen(ScriptText.parse(DEADLOCK.replace("preempt t1 1 t2\n", "")))).isTrue();
  }
}
