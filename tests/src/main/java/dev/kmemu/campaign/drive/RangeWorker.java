package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptRun;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Does ranges of runs on a stage of its own. The thread that creates it owns it. */
final class RangeWorker implements AutoCloseable {

  private final CampaignPlan plan;
  private final Knowledge knowledge;
  private final BooleanSupplier isOver;
  private final Stage stage;
  private final Thread thread = Thread.currentThread();
  private final Coverage ofRun;
  private volatile @Nullable CurrentRun current;

  /** What is being done, for whoever watches that it comes to an end. */
  record CurrentRun(RunRange range, Script script, long startNanos) {}

  RangeWorker(CampaignPlan plan, Unicorn unicorn, Knowledge knowledge, BooleanSupplier isOver) {
    this.plan = plan;
    this.knowledge = knowledge;
    this.isOver = isOver;
    stage = plan.suite().open(new StageOptions(unicorn, plan.ramBytes(), plan.pmap()));
    ofRun = new Coverage(plan.suite().features());
  }

  /** Returns where the worker is, its innermost call first. */
  List<String> whereabouts(int most) {
    return Arrays.stream(thread.getStackTrace())
        .limit(most)
        .map(element -> "at " + element)
        .toList();
  }

  @Nullable CurrentRun current() {
    return current;
  }

  RangeResult run(RunRange range) {
    Coverage coverage = new Coverage(plan.suite().features());
    Map<String, Long> kinds = new HashMap<>();
    List<Finding> findings = new ArrayList<>();
    List<Script> corpus = new ArrayList<>();
    long steps = 0;
    long checksBefore = stage.checks();
    for (long run = range.first(); run < range.end(); run++) {
      List<Step> todo = RunSteps.of(plan, run, knowledge.corpus());
      Script script = script(run, todo);
      current = new CurrentRun(range, script, System.nanoTime());
      ofRun.clear();
      ScriptRun result = ScriptRun.of(stage, todo, ofRun);
      steps += result.steps();
      coverage.merge(ofRun);
      Failure failure = result.failure();
      int fresh = knowledge.learn(ofRun);
      if (failure == null) {
        if (fresh > 0 && !knowledge.isFull()) {
          Script kept = script.withFinding(fresh + " new features");
          knowledge.keep(kept);
          corpus.add(kept);
        }
        continue;
      }
      kinds.merge(failure.kind(), 1L, Long::sum);
      if (knowledge.claim(failure.kind())) {
        Runnable beforeTry = () -> current = new CurrentRun(range, script, System.nanoTime());
        findings.add(
            new FindingMaker(plan.suite(), stage, isOver, beforeTry)
                .make(run, script, result, failure));
      }
    }
    current = null;
    long checks = stage.checks() - checksBefore;
    return new RangeResult(range, steps, checks, coverage, kinds, findings, corpus);
  }

  private Script script(long run, List<Step> steps) {
    String origin = "seed " + plan.seed() + ", run " + run;
    return new Script(plan.suite(), plan.pmap(), plan.ramBytes(), origin, "", steps);
  }

  @Override
  public void close() {
    stage.close();
  }
}
