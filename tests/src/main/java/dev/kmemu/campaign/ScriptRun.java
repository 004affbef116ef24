package dev.kmemu.campaign;

import dev.kmemu.campaign.coverage.Coverage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a script.
 *
 * @param failure how it failed, null when it didn't
 * @param failedAt the number of the step that failed, from 0; the number of steps when it was the
 *     end of the script
 * @param steps how many steps were done
 */
public record ScriptRun(@Nullable Failure failure, int failedAt, int steps) {

  /** Runs steps on a stage whose suite is {@code suite}. */
  public static ScriptRun of(Stage stage, List<Step> steps, Suite suite) {
    return of(stage, steps, new Coverage(suite.features()));
  }

  /** Runs steps on a stage. */
  public static ScriptRun of(Stage stage, List<Step> steps, Coverage coverage) {
    int at = 0;
    try {
      stage.begin(coverage);
      for (; at < steps.size(); at++) {
        Failure failure = stage.apply(steps.get(at));
        if (failure != null) {
          return new ScriptRun(failure, at, at + 1);
        }
      }
      return new ScriptRun(stage.end(), at, at);
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      String verb = at < steps.size() ? steps.get(at).verb().word() : "end";
      return new ScriptRun(Failure.thrown(verb, e), at, Math.min(at + 1, steps.size()));
    }
  }

  /** Whether nothing differed. */
  public boolean isGreen() {
    return failure == null;
  }
}
