package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.report.heat.HeatMap;
import java.util.Locale;
import java.util.Map;

/** Features of one dimension as bars, whose length is logarithmic. */
final class FeatureList {

  private static final double DECADES = 8;

  private FeatureList() {}

  static void write(Html html, HeatMap map) {
    html.open("div", "class", "scroll", "role", "region", "tabindex", "0");
    html.open("table", "class", "bars");
    html.leaf("caption", TableWords.title(map.name()), "class", "hide");
    html.open("thead", "class", "hide").open("tr");
    html.leaf("th", "Feature", "scope", "col").leaf("th", "Seen", "scope", "col");
    html.leaf("td", "").close().close().open("tbody");
    for (Map.Entry<String, Long> feature : map.features().entrySet()) {
      long count = feature.getValue();
      if (count > 0) {
        double part = Math.min(1, (1 + Math.log10((double) count)) / DECADES);
        html.open("tr").leaf("th", feature.getKey(), "scope", "row");
        html.leaf("td", Count.of(count)).open("td");
        html.open("svg", "class", "bar", "aria-hidden", "true");
        html.shape(
            "rect", "width", String.format(Locale.ROOT, "%.1f%%", part * 100), "height", "10");
        html.close().close().close();
      }
    }
    html.close().close().close();
  }
}
