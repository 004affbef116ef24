package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import dev.kmemu.campaign.report.heat.HeatMap;

/** What the campaign was, and what came of it. */
final class SummarySection {

  private SummarySection() {}

  static void write(Html html, CampaignState state) {
    CampaignPlan plan = state.plan();
    CampaignTotals totals = state.totals();
    html.open("section", "id", "summary", "aria-labelledby", "title");
    html.open("p", "class", "kicker").text("Campaign").close();
    html.open("h1", "id", "title").text("Suite ").text(plan.suite().name());
    html.format(", seed %d", plan.seed()).close();
    html.leaf("p", plan.suite().description(), "class", "lead");
    verdict(html, totals);
    html.open("dl", "class", "tiles");
    tile(html, "Runs", Count.of(totals.runs()), "of " + Count.of(plan.steps(), "step") + " each");
    tile(html, "Steps", Count.of(totals.steps()), Count.rate(totals.steps(), totals.millis()));
    tile(html, "Checks", Count.of(totals.checks()), Count.rate(totals.checks(), totals.millis()));
    coverage(html, state.coverage(), totals.corpus());
    tile(
        html,
        "Failing runs",
        Count.of(totals.failures()),
        Count.percent(totals.failures(), totals.runs()) + " of all");
    tile(html, "Time", Count.millis(totals.millis()), "in all sessions");
    html.close();
    html.open("dl", "class", "facts");
    if (plan.suite().usesPmap()) {
      fact(html, "pmap", plan.pmap().className());
    }
    fact(html, "Seed", Long.toString(plan.seed()));
    fact(html, "Guest RAM", Count.bytes(plan.ramBytes()));
    html.close().close();
  }

  private static void verdict(Html html, CampaignTotals totals) {
    boolean good = totals.failures() == 0;
    boolean begun = totals.runs() > 0;
    html.open("p", "class", good ? begun ? "verdict good" : "verdict" : "verdict bad");
    html.leaf("strong", good ? begun ? "Passed" : "Not begun" : "Failed");
    html.text(" ");
    if (good) {
      html.text(begun ? "Nothing differed from the model." : "No run is done yet.");
    } else {
      html.text(Count.of(totals.bugs(), "distinct failure"));
      html.text(" in " + Count.of(totals.failures(), "run") + " of " + Count.of(totals.runs()));
      html.text(".");
    }
    html.close();
  }

  private static void coverage(Html html, Coverage coverage, int corpus) {
    int known = 0;
    for (int i = 0; i < coverage.tables().size(); i++) {
      known += HeatMap.of(coverage, i).known();
    }
    tile(
        html,
        "Features covered",
        Count.of(coverage.seen()),
        "of " + Count.of(known) + " known, " + Count.of(corpus, "script") + " kept");
  }

  private static void tile(Html html, String name, String value, String note) {
    html.open("div").leaf("dt", name);
    html.open("dd").leaf("span", value, "class", "value").text(" ");
    html.leaf("span", note, "class", "note").close().close();
  }

  private static void fact(Html html, String name, String value) {
    html.open("div").leaf("dt", name).leaf("dd", value, "class", "code").close();
  }
}
