package dev.kmemu.campaign.report.heat;

import dev.kmemu.campaign.coverage.Coverage;
import java.util.List;
import java.util.Map;

/**
 * A table of features as maps of rows and columns, one map for each combination of what further
 * dimensions there are. A first dimension that is a pattern of bits is laid out by itself, its
 * lower half down and its upper half across.
 *
 * @param name the table's name
 * @param rows the names of the rows
 * @param columns the names of the columns; empty where labels have one dimension only
 * @param panels the maps
 * @param silent names of rows that are left out, because nothing of them was seen
 * @param features all features by their label, with how often each was seen
 */
public record HeatMap(
    String name,
    List<String> rows,
    List<String> columns,
    List<Panel> panels,
    List<String> silent,
    Map<String, Long> features) {

  /**
   * A place in a map.
   *
   * @param label the feature's label
   * @param count how often it was seen
   */
  public record Cell(String label, long count) {

    /** No feature is there. */
    public static final Cell NONE = new Cell("", -1);
  }

  /**
   * One map.
   *
   * @param title what all of its features have in common, empty for a single map
   * @param cells the features by row and column
   */
  public record Panel(String title, List<List<Cell>> cells) {

    /** Returns how many of its features were seen. */
    public long seen() {
      return cells.stream().flatMap(List::stream).filter(cell -> cell.count() > 0).count();
    }
  }

  /** Lays out a table. */
  public static HeatMap of(Coverage coverage, int table) {
    return HeatMapLayout.of(coverage.tables().get(table).name(), Labels.counts(coverage, table));
  }

  /** Whether there is one dimension only, and so nothing but a list. */
  public boolean isList() {
    return columns.isEmpty();
  }

  /** Returns how many features were seen. */
  public int seen() {
    return (int) features.values().stream().filter(count -> count > 0).count();
  }

  /** Returns how many there are. */
  public int known() {
    return features.size();
  }
}
