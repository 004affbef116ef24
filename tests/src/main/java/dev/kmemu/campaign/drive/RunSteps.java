package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.StepSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The steps of a run. Three of four runs are drawn from the seed alone and are the same in every
 * campaign with that seed. Every fourth varies a script of the corpus, once there is one.
 */
final class RunSteps {

  private static final int VARIED = 4;

  private RunSteps() {}

  static List<Step> of(CampaignPlan plan, long run, List<Script> corpus) {
    StepSource source = new StepSource(plan.suite().verbs(), StepSource.seedOf(plan.seed(), run));
    boolean varies = run % VARIED == VARIED - 1 && !corpus.isEmpty();
    List<Step> steps = varies ? vary(source, corpus) : new ArrayList<>();
    while (steps.size() < plan.steps()) {
      steps.addAll(plan.suite().next(source));
    }
    return List.copyOf(steps.subList(0, plan.steps()));
  }

  private static List<Step> vary(StepSource source, List<Script> corpus) {
    SplittableRandom random = source.random();
    List<Step> base = corpus.get(random.nextInt(corpus.size())).steps();
    List<Step> other = corpus.get(random.nextInt(corpus.size())).steps();
    List<Step> steps = new ArrayList<>();
    switch (random.nextInt(3)) {
      case 0 -> {
        // Goes on otherwise from somewhere.
        steps.addAll(base.subList(0, random.nextInt(base.size() + 1)));
      }
      case 1 -> {
        // Half of one, half of another.
        steps.addAll(base.subList(0, base.size() / 2));
        steps.addAll(other.subList(other.size() / 2, other.size()));
      }
      default -> {
        for (Step step : base) {
          int chance = random.nextInt(20);
          steps.add(chance == 0 ? source.change(step) : step);
          if (chance == 1) {
            steps.add(source.next());
          }
        }
      }
    }
    return steps;
  }
}
