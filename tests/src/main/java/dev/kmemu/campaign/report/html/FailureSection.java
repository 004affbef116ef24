package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.drive.FailureGroup;
import dev.kmemu.campaign.drive.Finding;
import java.nio.file.Path;
import java.util.List;

/** Each bug: how it shows, the shortest script for it, and how to run that again. */
final class FailureSection {

  /** A longer script isn't pasted into a test. */
  private static final int SHOWN_AS_TEST = 200;

  private FailureSection() {}

  static void write(Html html, List<FailureGroup> groups, Path directory) {
    Page.section(html, "failures", "Failures");
    if (groups.isEmpty()) {
      html.leaf("p", "None. Every run did what the model says.", "class", "lead");
    } else if (groups.size() > 1) {
      contents(html, groups);
    }
    for (int i = 0; i < groups.size(); i++) {
      write(html, i + 1, groups.get(i), directory);
    }
    html.close();
  }

  private static void contents(Html html, List<FailureGroup> groups) {
    html.open("div", "class", "scroll", "role", "region", "tabindex", "0");
    html.open("table", "class", "index");
    html.leaf("caption", "What failed, in the order in which it was found", "class", "hide");
    html.open("thead").open("tr");
    for (String name : List.of("Failure", "Runs", "Steps", "Shrunk to")) {
      html.leaf("th", name, "scope", "col");
    }
    html.close().close().open("tbody");
    for (int i = 0; i < groups.size(); i++) {
      Finding finding = groups.get(i).first();
      html.open("tr").open("th", "scope", "row");
      html.leaf("a", (i + 1) + ". " + finding.failure().kind(), "href", "#failure-" + (i + 1))
          .close();
      html.leaf("td", Count.of(groups.get(i).count()));
      html.leaf("td", Count.of(finding.originalSteps()));
      html.leaf("td", Count.of(finding.script().steps().size())).close();
    }
    html.close().close().close();
  }

  private static void write(Html html, int number, FailureGroup group, Path directory) {
    Finding finding = group.first();
    Failure failure = finding.failure();
    String id = "failure-" + number;
    html.open("article", "id", id, "aria-labelledby", id + "-title", "class", "failure");
    html.open("h3", "id", id + "-title");
    html.leaf("span", number + ".", "class", "number").text(" " + failure.kind()).close();
    html.open("p", "class", "note");
    html.text(Count.of(group.count(), "run") + " failed so, the first of them run ");
    html.text(Count.of(finding.run()) + ". Its " + Count.of(finding.originalSteps(), "step"));
    html.text(" shrank to " + Count.of(finding.script().steps().size()));
    html.text(" in " + Count.of(finding.shrinkTries(), "attempt") + " and ");
    html.text(Count.millis(finding.shrinkMillis()) + ".").close();
    html.open("dl", "class", "compare");
    html.open("div").leaf("dt", "Expected").leaf("dd", failure.expected()).close();
    html.open("div", "class", "bad").leaf("dt", "Got").leaf("dd", failure.actual()).close();
    html.close();
    html.open("div", "class", "evidence");
    if (!failure.details().isEmpty()) {
      block(html, id + "-walk", "Page walk and details", String.join("\n", failure.details()));
    }
    block(html, id + "-script", "Script", finding.script().toString());
    html.close();
    block(html, id + "-replay", "Replay", replay(finding.script(), directory, group.script()));
    if (finding.script().steps().size() <= SHOWN_AS_TEST) {
      test(html, id, finding.script());
    }
    html.close();
  }

  private static void test(Html html, String id, Script script) {
    html.open("details");
    html.leaf("summary", "As a JUnit test");
    block(html, id + "-test", "Test method", ScriptText.test(script).stripTrailing());
    html.close();
  }

  private static String replay(Script script, Path directory, String file) {
    String path = directory.resolve("failures").resolve(file).toString();
    String quoted = path.matches("[\\w./:@%+,-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
    boolean standard = script.pmap().className().equals(PmapChoice.STANDARD_NAME);
    return "./kmemu campaign --replay " + quoted + (standard ? "" : " --classpath PATH");
  }

  /** Writes text that can be copied. */
  private static void block(Html html, String id, String name, String text) {
    html.open("div", "class", "block").open("div", "class", "head");
    html.leaf("h4", name);
    html.leaf(
        "button",
        "Copy",
        "type",
        "button",
        "class",
        "quiet",
        "data-copies",
        id,
        "aria-label",
        "Copy: " + name,
        "hidden",
        "hidden");
    html.close();
    html.leaf("pre", text.stripTrailing(), "id", id, "tabindex", "0");
    html.close();
  }
}
