package dev.kmemu.campaign.report.heat;

import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.LinkedHashMap;
import java.util.Map;

/** The features of a table by their labels; features that share one are counted together. */
final class Labels {

  private Labels() {}

  /** Returns how often each label was seen, in the order of the table. */
  static Map<String, Long> counts(Coverage coverage, int table) {
    FeatureTable features = coverage.tables().get(table);
    Map<String, Long> counts = new LinkedHashMap<>();
    for (int i = 0; i < features.size(); i++) {
      counts.merge(features.label().apply(i), coverage.count(table, i), Long::sum);
    }
    return counts;
  }
}
