package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.Step;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A failure with the script that shows it.
 *
 * @param run the number of the run that failed
 * @param kind {@link Failure#kind} of the run's failure, before it was shrunk
 * @param failure how the script fails
 * @param script the script, shrunk
 * @param originalSteps how many steps the run had done
 * @param shrinkTries how many scripts were tried for it
 * @param shrinkMillis how long that took
 */
public record Finding(
    long run,
    String kind,
    Failure failure,
    Script script,
    int originalSteps,
    int shrinkTries,
    long shrinkMillis) {

  /** Returns what equal bugs have in common: the check, and the operations it takes. */
  public String signature() {
    return failure.check()
        + " by "
        + script.steps().stream()
            .map(Step::verb)
            .map(verb -> verb.word())
            .collect(Collectors.toCollection(TreeSet::new))
            .stream()
            .collect(Collectors.joining(" "));
  }
}
