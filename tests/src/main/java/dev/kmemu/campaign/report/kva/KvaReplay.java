package dev.kmemu.campaign.report.kva;

import dev.kmemu.campaign.KernelStage;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.Stage;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.FailureGroup;
import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.vm.KernelVm;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs scripts of a campaign once more, for pictures of the kernel VM behind their last steps: the
 * first failure's, whose kernel holds little else, and the one that covered the most.
 */
public final class KvaReplay {

  private static final Pattern NEW_FEATURES = Pattern.compile("(\\d+) new features");
  private static final long SECONDS = 15;

  private KvaReplay() {}

  private record Subject(Script script, String moment) {}

  /** Returns the pictures of a campaign. Whatever keeps one from being taken is its reason. */
  public static List<KvaView> of(CampaignState state, Unicorn unicorn) {
    List<KvaView> views =
        Stream.concat(failure(state).stream(), widest(state).stream())
            .map(subject -> run(subject, unicorn))
            .toList();
    return views.isEmpty()
        ? List.of(new KvaView.Missing("The campaign has no script that could be run for one."))
        : views;
  }

  private static Optional<Subject> failure(CampaignState state) {
    List<FailureGroup> groups = state.groups();
    for (int i = 0; i < groups.size(); i++) {
      // What hung once would do so again.
      if (!groups.get(i).first().failure().check().equals("hang")) {
        return Optional.of(
            new Subject(
                groups.get(i).first().script(),
                "where the script of failure " + (i + 1) + " fails"));
      }
    }
    return Optional.empty();
  }

  private static Optional<Subject> widest(CampaignState state) {
    return state.corpus().stream()
        .max(Comparator.comparingInt(KvaReplay::newFeatures))
        .map(
            script ->
                new Subject(
                    script, "behind the script that covered the most (" + script.origin() + ")"));
  }

  private static int newFeatures(Script script) {
    Matcher matcher = NEW_FEATURES.matcher(script.finding());
    return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  /** In a thread of its own, because nothing ends code under test that goes round in a circle. */
  private static KvaView run(Subject subject, Unicorn unicorn) {
    FutureTask<KvaView> task = new FutureTask<>(() -> replay(subject, unicorn));
    Thread thread = new Thread(task, "picture of KVA");
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return new KvaView.Missing("The script didn't end within " + SECONDS + " seconds.");
    } catch (ExecutionException e) {
      return new KvaView.Missing("The script couldn't be run again: " + e.getCause() + ".");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new KvaView.Missing("The run of the script was interrupted.");
    }
  }

  private static KvaView replay(Subject subject, Unicorn unicorn) {
    Script script = subject.script();
    StageOptions options = new StageOptions(unicorn, script.ramBytes(), script.pmap());
    try (Stage stage = script.suite().open(options)) {
      if (!(stage instanceof KernelStage kernel)) {
        return new KvaView.Missing(
            "Suite " + script.suite().name() + " has no kernel VM that could be drawn.");
      }
      apply(stage, script);
      KernelVm vm = kernel.kernelVm();
      return vm == null
          ? new KvaView.Missing("The script ended before there was a kernel VM.")
          : KvaCapture.of(vm, subject.moment());
    }
  }

  /** Ends at the first failure and leaves everything as it is then. */
  private static void apply(Stage stage, Script script) {
    try {
      stage.begin(new Coverage(script.suite().features()));
      for (Step step : script.steps()) {
        if (stage.apply(step) != null) {
          return;
        }
      }
    } catch (RuntimeException | AssertionError | StackOverflowError e) {
      // The failure that the report is about.
      return;
    }
  }
}
