package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.report.heat.HeatMap;
import dev.kmemu.campaign.report.heat.HeatScale;
import java.util.List;
import java.util.Locale;

/** Draws a heat map: an SVG for each panel, a square with its value for each feature. */
final class HeatMapDrawing {

  /** Of a cell and the gap behind it, as the style sheet has them. */
  private static final int CELL = 14;

  private static final double LETTER = 6.7;
  private static final int GAP = 6;

  private final Html html;
  private final HeatMap map;
  private final int left;
  private final int top;

  private HeatMapDrawing(Html html, HeatMap map) {
    this.html = html;
    this.map = map;
    left = (int) Math.ceil(longest(map.rows()) * LETTER) + GAP;
    top = (int) Math.ceil(longest(map.columns()) * LETTER) + GAP;
  }

  static void write(Html html, HeatMap map, String id) {
    HeatMapDrawing drawing = new HeatMapDrawing(html, map);
    html.open("div", "class", "panels");
    for (int i = 0; i < map.panels().size(); i++) {
      drawing.panel(map.panels().get(i), id + "-" + i);
    }
    html.close();
  }

  /** Returns a label as people write it. */
  static String words(String label) {
    return label.replace("/", " \u00b7 ");
  }

  private static int longest(List<String> names) {
    return names.stream().mapToInt(String::length).max().orElse(0);
  }

  private void panel(HeatMap.Panel panel, String id) {
    int width = left + map.columns().size() * CELL;
    int height = top + map.rows().size() * CELL;
    html.open("figure", "class", "panel");
    if (!panel.title().isEmpty()) {
      html.open("figcaption").text(panel.title()).text(" ");
      html.leaf("span", Count.of(panel.seen()), "class", "note").close();
    }
    html.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-labelledby", id);
    html.open(
        "svg",
        "class",
        "heat",
        "width",
        Integer.toString(width),
        "height",
        Integer.toString(height),
        "role",
        "img",
        "aria-labelledby",
        id);
    html.open("title", "id", id).text(TableWords.title(map.name()));
    html.text(panel.title().isEmpty() ? "" : ", " + panel.title());
    html.text(": " + Count.of(panel.seen(), "feature") + " seen; the table below has the values");
    html.close();
    names();
    html.open("g", "transform", "translate(" + left + " " + top + ")");
    for (int row = 0; row < panel.cells().size(); row++) {
      for (int column = 0; column < panel.cells().get(row).size(); column++) {
        cell(panel.cells().get(row).get(column), row, column);
      }
    }
    html.close().close().close().close();
  }

  private void names() {
    for (int row = 0; row < map.rows().size(); row++) {
      html.leaf(
          "text",
          map.rows().get(row),
          "x",
          Integer.toString(left - GAP),
          "y",
          Integer.toString(top + row * CELL + CELL - 4),
          "text-anchor",
          "end");
    }
    for (int column = 0; column < map.columns().size(); column++) {
      String place =
          String.format(
              Locale.ROOT,
              "translate(%d %d) rotate(-90)",
              left + column * CELL + CELL - 4,
              top - GAP);
      html.leaf("text", map.columns().get(column), "transform", place);
    }
  }

  private void cell(HeatMap.Cell cell, int row, int column) {
    long count = cell.count();
    if (count >= 0) {
      html.open(
          "rect",
          "class",
          "h" + HeatScale.step(count),
          "x",
          Integer.toString(column * CELL),
          "y",
          Integer.toString(row * CELL));
      String seen = count == 0 ? "never seen" : Count.of(count);
      html.leaf("title", words(cell.label()) + ": " + seen).close();
    }
  }
}
