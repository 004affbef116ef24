package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.report.heat.HeatMap;
import dev.kmemu.campaign.report.heat.HeatScale;
import java.util.Map;

/** What was covered, a map or a list for each table of features. */
final class CoverageSection {

  private static final long KILO = 1000;

  private CoverageSection() {}

  static void write(Html html, Coverage coverage) {
    Page.section(html, "coverage", "Coverage");
    html.leaf(
        "p",
        "How often each feature was seen. Some features can\u2019t occur, so no table gets full.",
        "class",
        "lead");
    legend(html);
    for (int i = 0; i < coverage.tables().size(); i++) {
      write(html, HeatMap.of(coverage, i), "coverage-" + i);
    }
    html.close();
  }

  private static void legend(Html html) {
    html.open("ul", "class", "legend", "aria-label", "Colours");
    for (int step = 0; step <= HeatScale.STEPS; step++) {
      html.open("li").leaf("span", "", "class", "swatch h" + step).text(" ");
      html.text(
          step == 0
              ? "never"
              : power(HeatScale.least(step)) + (step == HeatScale.STEPS ? "+" : "\u2013"));
      html.close();
    }
    html.close();
  }

  private static String power(long number) {
    return number >= KILO ? number / KILO + "k" : Long.toString(number);
  }

  private static void write(Html html, HeatMap map, String id) {
    html.open("article", "id", id, "aria-labelledby", id + "-title");
    html.open("h3", "id", id + "-title").text(TableWords.title(map.name())).text(" ");
    html.open("span", "class", "note");
    html.text(Count.of(map.seen()) + " of " + Count.of(map.known()) + " seen").close().close();
    String words = TableWords.description(map.name());
    if (!words.isEmpty()) {
      html.leaf("p", words, "class", "note");
    }
    if (map.isList()) {
      FeatureList.write(html, map);
    } else {
      HeatMapDrawing.write(html, map, id);
      if (!map.silent().isEmpty()) {
        html.open("p", "class", "note").text("Never seen at all, and not drawn: ");
        html.leaf("span", String.join(", ", map.silent()), "class", "code").text(".").close();
      }
      values(html, map);
    }
    html.close();
  }

  private static void values(Html html, HeatMap map) {
    html.open("details").leaf("summary", "The values as a table");
    html.open("div", "class", "scroll tall", "role", "region", "tabindex", "0");
    html.open("table").leaf("caption", TableWords.title(map.name()), "class", "hide");
    html.open("thead").open("tr").leaf("th", "Feature", "scope", "col");
    html.leaf("th", "Seen", "scope", "col").close().close().open("tbody");
    for (Map.Entry<String, Long> feature : map.features().entrySet()) {
      if (feature.getValue() > 0) {
        html.open("tr").leaf("th", HeatMapDrawing.words(feature.getKey()), "scope", "row");
        html.leaf("td", Count.of(feature.getValue())).close();
      }
    }
    html.close().close().close().close();
  }
}
