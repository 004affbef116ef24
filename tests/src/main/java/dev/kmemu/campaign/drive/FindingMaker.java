package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptRun;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.shrink.Shrinker;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Shrinks a failure. */
public final class FindingMaker {

  /** A script with no more steps is short enough to be read. */
  public static final int SHORT = 12;

  private static final long MOST_NANOS = 60_000_000_000L;

  private final Suite suite;
  private final Stage stage;
  private final Coverage ignored;
  private final BooleanSupplier isOver;

  /**
   * Creates a maker.
   *
   * @param suite what the scripts are of
   * @param stage what scripts are tried on
   * @param isOver asked before each try: once true, the shortest script so far must do
   */
  public FindingMaker(Suite suite, Stage stage, BooleanSupplier isOver) {
    this.suite = suite;
    this.stage = stage;
    this.isOver = isOver;
    this.ignored = new Coverage(suite.features());
  }

  /**
   * Shrinks what a run did.
   *
   * @param run its number
   * @param script all of its steps
   * @param result what came of them
   * @param failure the failure in it
   */
  public Finding make(long run, Script script, ScriptRun result, Failure failure) {
    long start = System.nanoTime();
    List<Step> done =
        script.steps().subList(0, Math.min(result.failedAt() + 1, script.steps().size()));
    BooleanSupplier ends = () -> isOver.getAsBoolean() || System.nanoTime() - start > MOST_NANOS;
    Shrinker strict =
        new Shrinker(suite::simpler, fails(f -> f.kind().equals(failure.kind())), ends);
    List<Step> shortest = strict.shrink(done);
    int tries = strict.tries();
    if (shortest.size() > SHORT) {
      Shrinker loose =
          new Shrinker(suite::simpler, fails(f -> f.check().equals(failure.check())), ends);
      shortest = loose.shrink(shortest);
      tries += loose.tries();
    }
    Failure last = ScriptRun.of(stage, shortest, ignored).failure();
    if (last == null) {
      last = unstable(failure);
    }
    long millis = (System.nanoTime() - start) / 1_000_000;
    Script shrunk = script.withSteps(shortest).withFinding(last.toString());
    return new Finding(run, failure.kind(), last, shrunk, result.steps(), tries, millis);
  }

  private Predicate<List<Step>> fails(Predicate<Failure> same) {
    return steps -> {
      Failure failure = ScriptRun.of(stage, steps, ignored).failure();
      return failure != null && same.test(failure);
    };
  }

  private static Failure unstable(Failure failure) {
    List<String> details = new ArrayList<>();
    details.add("The script didn't fail when it was run again: the failure depends on more.");
    details.addAll(failure.details());
    return new Failure(
        failure.check(), failure.suspect(), failure.expected(), failure.actual(), details);
  }
}
