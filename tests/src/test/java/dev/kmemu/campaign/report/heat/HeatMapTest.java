package dev.kmemu.campaign.report.heat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.coverage.FeatureTable;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Labels become rows, columns and panels, and no count is lost on the way. */
class HeatMapTest {

  private static Coverage coverage(String... labels) {
    Coverage coverage = new Coverage(List.of(new FeatureTable("t", labels.length, i -> labels[i])));
    for (int i = 0; i < labels.length; i++) {
      coverage.add(0, i, i);
    }
    return coverage;
  }

  private static HeatMap map(String... labels) {
    return HeatMap.of(coverage(labels), 0);
  }

  private static String counts(HeatMap map, int panel) {
    return map.panels().get(panel).cells().stream()
        .map(
            row ->
                row.stream()
                    .map(cell -> Long.toString(cell.count()))
                    .collect(Collectors.joining(" ")))
        .collect(Collectors.joining(" | "));
  }

  @Test
  void twoDimensionsAreRowsAndColumns() {
    HeatMap map = map("a/x", "a/y", "b/x", "b/y");

    assertThat(map.rows()).containsExactly("a", "b");
    assertThat(map.columns()).containsExactly("x", "y");
    assertThat(map.panels()).hasSize(1);
    assertThat(counts(map, 0)).isEqualTo("0 1 | 2 3");
    assertThat(map.panels().get(0).cells().get(1).get(0).label()).isEqualTo("b/x");
  }

  @Test
  void furtherDimensionsArePanels() {
    HeatMap map = map("a/x/1", "a/x/2", "a/y/1", "a/y/2", "b/x/1", "b/x/2", "b/y/1", "b/y/2");

    assertThat(map.panels()).extracting(HeatMap.Panel::title).containsExactly("1", "2");
    assertThat(counts(map, 1)).isEqualTo("1 3 | 5 7");
  }

  @Test
  void aPatternOfBitsIsLaidOutByItsHalves() {
    String[] labels = new String[32];
    for (int i = 0; i < 32; i++) {
      String pattern = "";
      for (int bit = 0; bit < 4; bit++) {
        pattern += (((i / 2) >> bit) & 1) != 0 ? "PWUA".charAt(bit) : '-';
      }
      labels[i] = pattern + (i % 2 == 0 ? "/ok" : "/fault");
    }
    HeatMap map = map(labels);

    assertThat(map.rows()).containsExactly("--", "P-", "-W", "PW");
    assertThat(map.columns()).containsExactly("--", "U-", "-A", "UA");
    assertThat(map.panels()).extracting(HeatMap.Panel::title).containsExactly("ok", "fault");
    // PW, then -A: 0b1011, and it was seen as often as its number says.
    assertThat(map.panels().get(1).cells().get(3).get(2))
        .isEqualTo(new HeatMap.Cell("PW-A/fault", 0b1011 * 2 + 1));
  }

  @Test
  void oneDimensionIsAList() {
    HeatMap map = map("a", "b", "c");

    assertThat(map.isList()).isTrue();
    assertThat(map.features()).containsEntry("c", 2L);
    assertThat(map.seen()).isEqualTo(2);
  }

  @Test
  void labelsWithoutCommonDimensionsAreAList() {
    assertThat(map("a/x", "b", "c/y").isList()).isTrue();
    assertThat(map("a/1", "b/2", "c/3", "d/4", "e/5").isList()).isTrue();
  }

  @Test
  void whatIsNoFeatureIsNoFeatureThatWasNeverSeen() {
    HeatMap map = map("-/none", "a/x", "a/y", "b/x");

    assertThat(map.rows()).containsExactly("a", "b");
    assertThat(map.silent()).containsExactly("-");
    assertThat(counts(map, 0)).isEqualTo("-1 1 2 | -1 3 -1");
    assertThat(map.known()).isEqualTo(4);
  }

  @Test
  void featuresOfTheSameLabelAreOne() {
    HeatMap map = map("a/x", "a/x", "a/x", "b/x");

    assertThat(counts(map, 0)).isEqualTo("3 | 3");
    assertThat(map.known()).isEqualTo(2);
  }

  @Test
  void everyTableOfEverySuiteKeepsItsCounts() {
    Suites.all()
        .forEach(
            suite -> {
              Coverage coverage = new Coverage(suite.features());
              for (int table = 0; table < coverage.tables().size(); table++) {
                long sum = 0;
                for (int i = 0; i < coverage.tables().get(table).size(); i += 3) {
                  coverage.add(table, i, i + 1);
                  sum += i + 1;
                }
                HeatMap map = HeatMap.of(coverage, table);
                assertThat(sum(map)).as(suite.name() + " " + map.name()).isEqualTo(sum);
              }
            });
  }

  private static long sum(HeatMap map) {
    if (map.isList()) {
      return map.features().values().stream().mapToLong(Long::longValue).sum();
    }
    long sum = 0;
    for (HeatMap.Panel panel : map.panels()) {
      for (List<HeatMap.Cell> row : panel.cells()) {
        for (HeatMap.Cell cell : row) {
          sum += Math.max(0, cell.count());
        }
      }
    }
    return sum;
  }

  @Test
  void thePteTableOfThePmapSuiteIsBitsByBitsForEachAccess() {
    Coverage coverage = new Coverage(Suites.find("pmap").orElseThrow().features());
    HeatMap map = HeatMap.of(coverage, 0);

    assertThat(map.rows()).hasSize(16).startsWith("----", "P---").endsWith("PWUA");
    assertThat(map.columns()).hasSize(16).endsWith("DNGw");
    assertThat(map.panels()).hasSize(12);
    assertThat(map.panels().get(0).title()).isEqualTo("load, kernel, fault");
  }

  @Test
  void theScaleHasAStepForEachPowerOfTen() {
    assertThat(HeatScale.step(0)).isZero();
    assertThat(HeatScale.step(1)).isEqualTo(1);
    assertThat(HeatScale.step(9)).isEqualTo(1);
    assertThat(HeatScale.step(10)).isEqualTo(2);
    assertThat(HeatScale.step(99_999)).isEqualTo(5);
    assertThat(HeatScale.step(Long.MAX_VALUE)).isEqualTo(HeatScale.STEPS);
    for (int step = 0; step <= HeatScale.STEPS; step++) {
      assertThat(HeatScale.step(HeatScale.least(step))).isEqualTo(step);
    }
  }
}
