package dev.kmemu.campaign;

import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;

/** What a campaign is about: its operations, and how they are done and checked. */
public interface Suite {

  /** Returns the name that {@code --suite} takes. */
  String name();

  /** Returns one line about what is compared with what. */
  String description();

  /** Returns the operations. */
  List<Verb> verbs();

  /** Returns what coverage counts, in the order of a stage's table numbers. */
  List<FeatureTable> features();

  /** Returns what comes next in a random run: one step, or some that belong together. */
  default List<Step> next(StepSource source) {
    return List.of(source.next());
  }

  /** Returns steps that do less than {@code step}, for shrinking. */
  default List<Step> simpler(Step step) {
    return List.of();
  }

  /** Whether {@code --pmap} means anything to it. */
  boolean usesPmap();

  /**
   * Sets up what scripts run on. The calling thread owns the stage.
   *
   * @throws IllegalArgumentException when the options ask for what can't be; says what to change
   */
  Stage open(StageOptions options);
}
