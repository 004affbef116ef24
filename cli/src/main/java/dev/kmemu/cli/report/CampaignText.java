package dev.kmemu.cli.report;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import dev.kmemu.campaign.drive.FailureGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A campaign for people to read. */
public final class CampaignText {

  private static final int BAR = 20;

  private CampaignText() {}

  /** Returns one line about a campaign that is going on. */
  public static String progress(
      CampaignTotals now, CampaignTotals before, long millis, CampaignLimits limits) {
    double seconds = Math.max(millis, 1) / 1000.0;
    double part =
        limits.runs() != Long.MAX_VALUE
            ? (double) now.runs() / limits.runs()
            : millis * 1e6 / limits.nanos();
    int full = (int) (Math.min(1, part) * BAR);
    return String.format(
        Locale.ROOT,
        "[%s%s] %3d%%  %,d runs (%.1f/s), %,.0f ops/s, coverage %,d, failures %,d (%d distinct)",
        "=".repeat(full),
        " ".repeat(BAR - full),
        (int) (Math.min(1, part) * 100),
        now.runs(),
        (now.runs() - before.runs()) / seconds,
        (now.steps() - before.steps()) / seconds,
        now.features(),
        now.failures(),
        now.bugs());
  }

  /** Returns what a session has come to. */
  public static String summary(
      CampaignState state, CampaignTotals before, long millis, Path directory) {
    CampaignPlan plan = state.plan();
    CampaignTotals totals = state.totals();
    double seconds = Math.max(millis, 1) / 1000.0;
    StringBuilder text = new StringBuilder();
    line(
        text,
        "campaign: suite %s%s, seed %d, %d steps a run",
        plan.suite().name(),
        plan.suite().usesPmap() ? ", pmap " + plan.pmap().className() : "",
        plan.seed(),
        plan.steps());
    line(
        text,
        "runs %,d (%,d in this session, %.1f s): %,.0f ops/s, %,.0f checks/s",
        totals.runs(),
        totals.runs() - before.runs(),
        seconds,
        (totals.steps() - before.steps()) / seconds,
        (totals.checks() - before.checks()) / seconds);
    line(text, "coverage %s, corpus %,d", coverage(state.coverage()), totals.corpus());
    line(text, "failures %,d, %d distinct", totals.failures(), totals.bugs());
    List<FailureGroup> groups = state.groups();
    for (int i = 0; i < groups.size(); i++) {
      FailureGroup group = groups.get(i);
      line(
          text,
          "  %d. %s (%,d runs, %d steps shrunk to %d)",
          i + 1,
          group.first().failure(),
          group.count(),
          group.first().originalSteps(),
          group.first().script().steps().size());
      line(
          text,
          "     ./kmemu campaign --replay %s",
          directory.resolve("failures").resolve(group.script()));
    }
    line(text, "kept in %s, for people in %s", directory, directory.resolve("report.html"));
    return text.toString();
  }

  private static String coverage(Coverage coverage) {
    StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%,d (", coverage.seen()));
    List<FeatureTable> tables = coverage.tables();
    for (int i = 0; i < tables.size(); i++) {
      text.append(i == 0 ? "" : ", ").append(tables.get(i).name()).append(' ');
      text.append(String.format(Locale.ROOT, "%,d", coverage.seen(i)));
    }
    return text.append(')').toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
