package dev.kmemu.cli.report;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.Step;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import dev.kmemu.campaign.drive.FailureGroup;
import dev.kmemu.campaign.drive.Finding;
import java.util.List;

/** A campaign as programs read it. */
public final class CampaignJson {

  private CampaignJson() {}

  /** Returns one JSON object, ended by a line feed. */
  public static String of(CampaignState state) {
    CampaignPlan plan = state.plan();
    CampaignTotals totals = state.totals();
    JsonWriter json = new JsonWriter();
    json.beginObject();
    json.name("suite").text(plan.suite().name());
    json.name("pmap").text(plan.pmap().className());
    json.name("seed").number(plan.seed());
    json.name("steps_per_run").number(plan.steps());
    json.name("ram").hex(plan.ramBytes());
    json.name("runs").number(totals.runs());
    json.name("steps").number(totals.steps());
    json.name("checks").number(totals.checks());
    json.name("milliseconds").number(totals.millis());
    json.name("failures").number(totals.failures());
    json.name("distinct_failures").number(totals.bugs());
    json.name("corpus").number(totals.corpus());
    coverage(json, state.coverage());
    json.name("failure_groups").beginArray();
    state.groups().forEach(group -> group(json, group));
    json.endArray();
    json.endObject();
    return json.finish();
  }

  private static void coverage(JsonWriter json, Coverage coverage) {
    json.name("coverage").beginArray();
    List<FeatureTable> tables = coverage.tables();
    for (int i = 0; i < tables.size(); i++) {
      FeatureTable table = tables.get(i);
      json.beginObject();
      json.name("table").text(table.name());
      json.name("size").number(table.size());
      json.name("seen").number(coverage.seen(i));
      json.name("features").beginObject();
      for (int feature = 0; feature < table.size(); feature++) {
        long count = coverage.count(i, feature);
        if (count != 0) {
          json.name(table.label().apply(feature)).number(count);
        }
      }
      json.endObject();
      json.endObject();
    }
    json.endArray();
  }

  private static void group(JsonWriter json, FailureGroup group) {
    Finding finding = group.first();
    Failure failure = finding.failure();
    json.beginObject();
    json.name("check").text(failure.check());
    json.name("suspect").text(failure.suspect());
    json.name("expected").text(failure.expected());
    json.name("actual").text(failure.actual());
    json.name("runs").number(group.count());
    json.name("first_run").number(finding.run());
    json.name("original_steps").number(finding.originalSteps());
    json.name("shrink_milliseconds").number(finding.shrinkMillis());
    json.name("script_file").text("failures/" + group.script());
    json.name("script").beginArray();
    for (Step step : finding.script().steps()) {
      json.text(step.toString());
    }
    json.endArray();
    json.name("details").beginArray();
    failure.details().forEach(json::text);
    json.endArray();
    json.endObject();
  }
}
