package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;

/** Coverage as text: a line with the table, the feature's number and how often it was seen. */
final class CoverageText {

  private CoverageText() {}

  static String format(Coverage coverage) {
    StringBuilder text = new StringBuilder();
    List<FeatureTable> tables = coverage.tables();
    for (int table = 0; table < tables.size(); table++) {
      for (int feature = 0; feature < tables.get(table).size(); feature++) {
        long count = coverage.count(table, feature);
        if (count != 0) {
          text.append(tables.get(table).name()).append(' ').append(feature);
          text.append(' ').append(count).append('\n');
        }
      }
    }
    return text.toString();
  }

  /**
   * Reads it.
   *
   * @throws IllegalArgumentException for a line that says nothing about {@code tables}
   */
  static Coverage parse(List<FeatureTable> tables, String text) {
    Coverage coverage = new Coverage(tables);
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", -1);
      int table = indexOf(tables, words[0]);
      try {
        int feature = Integer.parseInt(words[1]);
        if (table >= 0 && feature >= 0 && feature < tables.get(table).size()) {
          coverage.add(table, feature, Long.parseLong(words[2]));
          continue;
        }
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        // Reported below, together with what is out of range.
      }
      throw new IllegalArgumentException("'" + line + "' is no line of this suite's coverage");
    }
    return coverage;
  }

  private static int indexOf(List<FeatureTable> tables, String name) {
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
