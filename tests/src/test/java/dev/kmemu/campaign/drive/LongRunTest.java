package dev.kmemu.campaign.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.BrokenPmaps;
import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptRun;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.StepSource;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.Verb;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A run of 5000 steps whose last ones fail is shrunk as well as one whose first ones do. */
class LongRunTest {

  private static final int STEPS = 5000;
  private static final int LATE = 60;
  private static final Suite PMAP = Suites.find("pmap").orElseThrow();

  /** Random steps without what the bug needs, and then random steps. */
  private static List<Step> steps() {
    List<Verb> harmless =
        PMAP.verbs().stream().filter(verb -> !verb.word().equals("page-protect")).toList();
    List<Step> steps = new ArrayList<>(new StepSource(harmless, 2).steps(STEPS - LATE));
    List<Verb> verbs =
        PMAP.verbs().stream()
            .filter(verb -> verb.word().matches("page-protect|enter|pinit"))
            .toList();
    steps.addAll(new StepSource(verbs, 4).steps(LATE));
    return steps;
  }

  @Test
  void theLastStepsOfALongRunAreWhatIsLeft() {
    StageOptions options =
        new StageOptions(
            UnicornLoader.load(),
            StageOptions.RAM_BYTES,
            new PmapChoice(BrokenPmaps.ProtectsFewMappings.class.getName()));
    Script script =
        new Script(PMAP, options.pmap(), options.ramBytes(), "LongRunTest", "", steps());
    try (Stage stage = PMAP.open(options)) {
      ScriptRun run = ScriptRun.of(stage, script.steps(), PMAP);
      Failure failure = Objects.requireNonNull(run.failure());
      assertThat(run.failedAt()).isEqualTo(STEPS - 1);

      Finding finding =
          new FindingMaker(PMAP, stage, () -> false, () -> {}).make(0, script, run, failure);

      assertThat(finding.script().steps())
          .as(finding.script().toString())
          .hasSizeBetween(2, FindingMaker.SHORT);
      assertThat(finding.failure().kind()).isEqualTo(failure.kind());
    }
  }
}
