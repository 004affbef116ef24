package dev.kmemu.campaign.report.heat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the rows, columns and panels of a heat map. */
final class HeatMapLayout {

  /** More cells than this for each feature would be a map of nothing. */
  private static final int SPARSEST = 4;

  private static final int MOST_PANELS = 48;

  private final String name;
  private final Map<String, Long> features;
  private final Dimension rows;
  private final Dimension columns;
  private final List<Dimension> rest;
  private final boolean isPattern;

  private HeatMapLayout(String name, Map<String, Long> features, List<Dimension> dimensions) {
    this.name = name;
    this.features = features;
    Optional<String> bits = dimensions.get(0).bits();
    isPattern = bits.isPresent();
    if (bits.isPresent()) {
      String letters = bits.get();
      rows = Dimension.patterns(letters.substring(0, letters.length() / 2));
      columns = Dimension.patterns(letters.substring(letters.length() / 2));
      rest = dimensions.subList(1, dimensions.size());
    } else {
      rows = dimensions.get(0);
      columns = dimensions.get(1);
      rest = dimensions.subList(2, dimensions.size());
    }
  }

  static HeatMap of(String name, Map<String, Long> features) {
    List<Dimension> dimensions = Dimension.of(features.keySet());
    boolean isMap =
        dimensions.size() > 1 || (dimensions.size() == 1 && dimensions.get(0).bits().isPresent());
    if (!isMap || cells(dimensions) > (long) SPARSEST * features.size()) {
      return list(name, features);
    }
    HeatMapLayout layout = new HeatMapLayout(name, features, dimensions);
    return cells(layout.rest) > MOST_PANELS ? list(name, features) : layout.map();
  }

  private static long cells(List<Dimension> dimensions) {
    return dimensions.stream()
        .mapToLong(dimension -> dimension.values().size())
        .reduce(1, (a, b) -> a * b);
  }

  private static HeatMap list(String name, Map<String, Long> features) {
    return new HeatMap(
        name, List.copyOf(features.keySet()), List.of(), List.of(), List.of(), features);
  }

  private HeatMap map() {
    List<HeatMap.Panel> panels = new ArrayList<>();
    combine("", 0, panels);
    features.forEach((label, count) -> place(new HeatMap.Cell(label, count), panels));
    List<String> silent = isPattern ? List.of() : silentRows(panels);
    return new HeatMap(
        name,
        rows.values().stream().filter(row -> !silent.contains(row)).toList(),
        columns.values(),
        panels.stream().map(panel -> without(panel, silent)).toList(),
        silent,
        features);
  }

  private void combine(String title, int depth, List<HeatMap.Panel> panels) {
    if (depth == rest.size()) {
      List<List<HeatMap.Cell>> cells = new ArrayList<>();
      for (int i = 0; i < rows.values().size(); i++) {
        cells.add(new ArrayList<>(Collections.nCopies(columns.values().size(), HeatMap.Cell.NONE)));
      }
      panels.add(new HeatMap.Panel(title, cells));
      return;
    }
    for (String value : rest.get(depth).values()) {
      combine(title.isEmpty() ? value : title + ", " + value, depth + 1, panels);
    }
  }

  private void place(HeatMap.Cell cell, List<HeatMap.Panel> panels) {
    String[] words = Dimension.split(cell.label());
    int split = isPattern ? rows.values().get(0).length() : 0;
    String row = isPattern ? words[0].substring(0, split) : words[0];
    String column = isPattern ? words[0].substring(split) : words[1];
    int panel = 0;
    for (int i = 0; i < rest.size(); i++) {
      List<String> values = rest.get(i).values();
      panel = panel * values.size() + values.indexOf(words[words.length - rest.size() + i]);
    }
    panels
        .get(panel)
        .cells()
        .get(rows.values().indexOf(row))
        .set(columns.values().indexOf(column), cell);
  }

  private List<String> silentRows(List<HeatMap.Panel> panels) {
    List<String> silent = new ArrayList<>();
    for (int i = 0; i < rows.values().size(); i++) {
      int row = i;
      if (panels.stream().noneMatch(panel -> hasSeen(panel.cells().get(row)))) {
        silent.add(rows.values().get(i));
      }
    }
    return silent;
  }

  private static boolean hasSeen(List<HeatMap.Cell> cells) {
    return cells.stream().anyMatch(cell -> cell.count() > 0);
  }

  private HeatMap.Panel without(HeatMap.Panel panel, List<String> silent) {
    List<List<HeatMap.Cell>> cells = new ArrayList<>();
    for (int i = 0; i < rows.values().size(); i++) {
      if (!silent.contains(rows.values().get(i))) {
        cells.add(List.copyOf(panel.cells().get(i)));
      }
    }
    return new HeatMap.Panel(panel.title(), List.copyOf(cells));
  }
}
