package dev.kmemu.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.FailureGroup;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.List;
import java.util.function.Function;

/**
 * A suite whose stages have a bug that was put there.
 *
 * @param real the suite without it
 * @param opener makes the stages
 */
public record PlantedSuite(Suite real, Function<StageOptions, Stage> opener) implements Suite {

  /** Makes it of the suite of a name. */
  public static PlantedSuite of(String suite, Function<StageOptions, Stage> opener) {
    return new PlantedSuite(Suites.find(suite).orElseThrow(), opener);
  }

  /** Expects that a campaign finds the bug, and that it has no other. */
  public void assertFound(int steps, long runs, int mostSteps) {
    CampaignPlan plan =
        new CampaignPlan(this, PmapChoice.STANDARD, 7, steps, StageOptions.RAM_BYTES);
    CampaignState state = new CampaignState(plan);
    new Campaign(state, UnicornLoader.load(), new CampaignLimits(runs, Long.MAX_VALUE, 1))
        .run(() -> {});

    assertThat(state.groups()).isNotEmpty();
    for (FailureGroup group : state.groups()) {
      Script script = group.first().script();
      assertThat(script.steps()).as(script.toString()).hasSizeBetween(1, mostSteps);
      assertThat(isGreen(script)).isFalse();
      assertThat(isGreen(ScriptText.parse(script.toString()))).as(script.toString()).isTrue();
    }
  }

  private static boolean isGreen(Script script) {
    return CampaignScript.of(script).explain(line -> {}).isGreen();
  }

  @Override
  public String name() {
    return real.name();
  }

  @Override
  public String description() {
    return real.description();
  }

  @Override
  public List<Verb> verbs() {
    return real.verbs();
  }

  @Override
  public List<FeatureTable> features() {
    return real.features();
  }

  @Override
  public boolean usesPmap() {
    return real.usesPmap();
  }

  @Override
  public Stage open(StageOptions options) {
    return opener.apply(options);
  }
}
