package dev.kmemu.cli;

import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suite;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignDirectory;
import dev.kmemu.campaign.drive.CampaignFileException;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.SavedPlan;
import dev.kmemu.cluster.ClusterException;
import dev.kmemu.cluster.ClusterMember;
import dev.kmemu.cluster.SharedRuns;
import dev.kmemu.emulator.unicorn.Unicorn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Random operations against a model. */
@Command(
    name = "campaign",
    header = "Look for bugs with random operations that are compared with a model.",
    description = {
      "",
      "A run is a random sequence of operations, drawn from the seed and its number.",
      "What fails is shrunk to a short script, which --replay runs and explains.",
      "Everything is kept in a directory; with --out DIR of an earlier campaign it",
      "goes on behind its last run. Ctrl-C ends it and keeps everything.",
      "",
      "Exit status: 0 nothing failed, 1 something did, 2 usage, 3 environment.",
      ""
    })
final class CampaignCommand implements Callable<Integer> {

  private static final Duration DEFAULT_TIME = Duration.ofMinutes(1);
  private static final int SEEDS = 1_000_000;

  /** The numbers of {@code --seed}. */
  private static final class Seed extends WholeNumberOption {
    Seed() {
      super(Long.MIN_VALUE, Long.MAX_VALUE);
    }
  }

  /** The numbers of {@code --runs}. */
  private static final class Runs extends WholeNumberOption {
    Runs() {
      super(1, Long.MAX_VALUE);
    }
  }

  /** The numbers of {@code --jobs}. */
  private static final class Jobs extends WholeNumberOption {
    Jobs() {
      super(1, CampaignLimits.MOST_JOBS);
    }
  }

  /** The numbers of {@code --steps}. */
  private static final class Steps extends WholeNumberOption {
    Steps() {
      super(1, CampaignPlan.MOST_STEPS);
    }
  }

  @Option(
      names = "--suite",
      paramLabel = "NAME",
      description = "pmap, map, faults, gdb or image. Default: pmap.")
  private @Nullable String suite;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = Seed.class,
      description = "What all runs are drawn from. Default: a new one.")
  private @Nullable Long seed;

  @Option(
      names = "--runs",
      paramLabel = "N",
      converter = Runs.class,
      description = "End when so many runs are done, those of earlier sessions included.")
  private @Nullable Long runs;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      converter = MinutesOption.class,
      description = "End after so many minutes. Default: 1, unless --runs is given.")
  private @Nullable Duration minutes;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      converter = Jobs.class,
      description = "Threads, each with a machine of its own. Default: one per processor.")
  private @Nullable Long jobs;

  @Option(
      names = "--steps",
      paramLabel = "N",
      converter = Steps.class,
      description = "Operations of a run. Default: " + CampaignPlan.STEPS + ".")
  private @Nullable Long steps;

  @Option(
      names = "--pmap",
      paramLabel = "CLASS",
      description = "The pmap under test, a PmapProvider. Default: standard, DragonFly's own.")
  private @Nullable String pmap;

  @Option(
      names = {"--classpath", "--class-path"},
      paramLabel = "PATH",
      description = "Where the class of --pmap is: directories and jars.")
  private @Nullable String classPath;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where everything is kept. Default: campaigns/SUITE-SEED.")
  private @Nullable Path out;

  @Option(
      names = "--cluster",
      paramLabel = "CONFIG",
      description =
          "Do it together with other processes: HOST:PORT,... with the addresses of all members, the"
              + " same for each, or the name of a Hazelcast configuration. Each member needs an"
              + " --out of its own. Default: this process alone.")
  private @Nullable String cluster;

  @Option(
      names = "--replay",
      paramLabel = "FILE",
      description = "Run the script in FILE and explain each of its steps, nothing else.")
  private @Nullable Path replay;

  @Override
  public Integer call() {
    ClassPathOption.use(classPath);
    if (replay != null) {
      refuseBesideReplay("--suite", suite);
      refuseBesideReplay("--seed", seed);
      refuseBesideReplay("--runs", runs);
      refuseBesideReplay("--minutes", minutes);
      refuseBesideReplay("--jobs", jobs);
      refuseBesideReplay("--steps", steps);
      refuseBesideReplay("--out", out);
      refuseBesideReplay("--cluster", cluster);
      return new CampaignReplay(replay, pmap).run();
    }
    if (runs != null && minutes != null) {
      throw CommandException.usage(
          "--runs and --minutes: a campaign has one end (give only one of them)", null);
    }
    Unicorn unicorn = UnicornAccess.load();
    try {
      CampaignDirectory directory = directory();
      CampaignPlan plan = plan(directory);
      requirePmap(plan.pmap());
      CampaignState state = directory.load(plan);
      return run(directory, state, unicorn);
    } catch (ClusterException e) {
      throw CommandException.environment("--cluster: " + e.getMessage(), e);
    } catch (CampaignFileException e) {
      throw CommandException.environment("campaign: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw CommandException.usage("campaign: " + e.getMessage(), e);
    }
  }

  private static void refuseBesideReplay(String option, @Nullable Object value) {
    if (value != null) {
      throw CommandException.usage(
          String.format(
              "--replay and %s: the script says what is run, once, and nothing is kept (give only"
                  + " one of them)",
              option),
          null);
    }
  }

  private static void requirePmap(PmapChoice choice) {
    try {
      choice.provider();
    } catch (IllegalArgumentException e) {
      throw CommandException.usage(
          "--pmap: " + e.getMessage() + " (--classpath says where classes are)", e);
    }
  }

  private int run(CampaignDirectory directory, CampaignState state, Unicorn unicorn) {
    CampaignLimits limits = limits();
    if (cluster == null) {
      return new CampaignSession(directory, new Campaign(state, unicorn, limits), unicorn, limits)
          .run();
    }
    try (ClusterMember member = ClusterMember.join(cluster)) {
      SharedRuns runs = member.share(state, limits.runs());
      System.out.println("cluster: " + member);
      System.out.flush();
      Campaign campaign = new Campaign(state, unicorn, limits, runs);
      return new CampaignSession(directory, campaign, unicorn, limits).run();
    }
  }

  private CampaignDirectory directory() {
    Path named = out;
    if (named == null) {
      seed = seed == null ? new SplittableRandom().nextLong(SEEDS) : seed;
      named = Path.of("campaigns", (suite == null ? "pmap" : suite) + "-" + seed);
    }
    return new CampaignDirectory(named);
  }

  /** Returns the plan of the options, or of the directory where they don't say. */
  private CampaignPlan plan(CampaignDirectory directory) {
    SavedPlan saved = directory.plan().orElse(null);
    String suiteName = choose("--suite", suite, saved == null ? null : saved.suite(), "pmap");
    String pmapName =
        choose("--pmap", pmap, saved == null ? null : saved.pmap(), PmapChoice.STANDARD_NAME);
    String fresh = Long.toString(new SplittableRandom().nextLong(SEEDS));
    String seedText = choose("--seed", text(seed), saved == null ? null : saved.seed(), fresh);
    String stepsText =
        choose(
            "--steps",
            text(steps),
            saved == null ? null : saved.steps(),
            Integer.toString(CampaignPlan.STEPS));
    Suite chosen =
        Suites.find(suiteName)
            .orElseThrow(
                () ->
                    CommandException.usage(
                        "--suite: '" + suiteName + "' is none (use one of " + Suites.names() + ")",
                        null));
    if (!chosen.usesPmap() && pmap != null) {
      throw CommandException.usage(
          "--pmap: suite " + suiteName + " uses none (leave it out, or use --suite pmap)", null);
    }
    return new CampaignPlan(
        chosen,
        new PmapChoice(pmapName),
        number("seed", seedText, directory),
        Math.toIntExact(number("steps", stepsText, directory)),
        StageOptions.RAM_BYTES);
  }

  private String choose(
      String option, @Nullable String asked, @Nullable String saved, String otherwise) {
    if (asked != null && saved != null && !asked.equals(saved)) {
      throw CommandException.usage(
          String.format(
              "%s: %s, but the campaign in '%s' has %s (leave %s out, or name another directory"
                  + " with --out)",
              option, asked, out == null ? "its directory" : out, saved, option),
          null);
    }
    return asked != null ? asked : saved != null ? saved : otherwise;
  }

  private static long number(String name, String text, CampaignDirectory directory) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw CommandException.environment(
          "campaign: "
              + directory.path()
              + ": its "
              + name
              + " '"
              + text
              + "' is no number"
              + " (name another directory with --out, or remove this one)",
          e);
    }
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }

  private CampaignLimits limits() {
    int threads = jobs == null ? Runtime.getRuntime().availableProcessors() : Math.toIntExact(jobs);
    Duration time = minutes == null ? DEFAULT_TIME : minutes;
    return new CampaignLimits(
        runs == null ? Long.MAX_VALUE : runs,
        runs == null ? time.toNanos() : Long.MAX_VALUE,
        threads);
  }
}
