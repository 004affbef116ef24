package dev.kmemu.campaign.drive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suites;
import dev.kmemu.campaign.coverage.Coverage;
import dev.kmemu.campaign.report.JunitXml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a campaign has come to is counted once, and survives in its directory. */
class CampaignStateTest {

  private static final CampaignPlan PLAN =
      new CampaignPlan(
          Suites.find("pmap").orElseThrow(), PmapChoice.STANDARD, 1, 100, StageOptions.RAM_BYTES);
  private static final Failure FAILURE =
      new Failure("access", "remove", "a fault <#PF>", "reads 0x1", List.of("PTE 0", "& more"));

  private final Path directory;

  CampaignStateTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static RangeResult result(long first, Map<String, Long> kinds, List<Finding> findings) {
    Coverage coverage = new Coverage(PLAN.suite().features());
    coverage.hit(0, (int) first);
    return new RangeResult(
        new RunRange(first, 10), 1000, 5000, coverage, kinds, findings, List.of(script()));
  }

  private static Script script() {
    return ScriptText.parse("kmemu-campaign 1\nsuite pmap\nsteps\nload user 0x1000\n");
  }

  private static Finding finding(String kind) {
    return new Finding(3, kind, FAILURE, script(), 90, 40, 12);
  }

  @Test
  void aRangeThatComesTwiceCountsOnce() {
    CampaignState state = new CampaignState(PLAN);

    assertThat(state.merge(result(0, Map.of(), List.of()))).isTrue();
    assertThat(state.merge(result(0, Map.of(), List.of()))).isFalse();
    assertThat(state.merge(result(5, Map.of(), List.of()))).isFalse();

    assertThat(state.totals().runs()).isEqualTo(10);
    assertThat(state.totals().steps()).isEqualTo(1000);
    assertThat(state.totals().features()).isEqualTo(1);
  }

  @Test
  void failuresWithTheSameScriptAreOneGroupWhicheverComesFirst() {
    CampaignState state = new CampaignState(PLAN);

    state.merge(result(0, Map.of("b", 2L), List.of()));
    state.merge(result(10, Map.of("a", 3L), List.of(finding("a"))));
    state.merge(result(20, Map.of("b", 1L), List.of(finding("b"))));

    assertThat(state.totals().failures()).isEqualTo(6);
    assertThat(state.groups()).hasSize(1);
    assertThat(state.groups().get(0).count()).isEqualTo(6);
  }

  @Test
  void whatWasSavedIsLoaded() {
    CampaignState state = new CampaignState(PLAN);
    state.merge(result(0, Map.of("a", 3L), List.of(finding("a"))));
    state.merge(result(20, Map.of(), List.of()));
    CampaignDirectory saved = new CampaignDirectory(directory.resolve("new"));

    saved.save(state);
    CampaignState loaded = new CampaignDirectory(directory.resolve("new")).load(PLAN);

    assertThat(loaded.totals()).isEqualTo(state.totals());
    assertThat(loaded.doneRuns()).hasToString("0-9,20-29");
    assertThat(loaded.groups()).isEqualTo(state.groups());
    assertThat(loaded.corpus()).isEqualTo(state.corpus());
    assertThat(loaded.coverage().count(0, 20)).isEqualTo(1);
    assertThat(saved.plan().orElseThrow().seed()).isEqualTo("1");
  }

  @Test
  void aDirectoryWithoutACampaignBeginsOne() {
    CampaignDirectory empty = new CampaignDirectory(directory);

    assertThat(empty.plan()).isEmpty();
    assertThat(empty.load(PLAN).totals().runs()).isZero();
  }

  @Test
  void aDamagedFileIsNamed() throws IOException {
    CampaignDirectory saved = new CampaignDirectory(directory);
    saved.save(new CampaignState(PLAN));
    Files.writeString(directory.resolve("coverage.txt"), "pte 99999 1\n");

    assertThatThrownBy(() -> saved.load(PLAN))
        .isInstanceOf(CampaignFileException.class)
        .hasMessageContainingAll("pte 99999 1", "--out");
  }

  @Test
  void theJunitReportIsXmlWithACaseForEachGroup() {
    CampaignState state = new CampaignState(PLAN);
    state.merge(result(0, Map.of("a", 3L), List.of(finding("a"))));

    assertThat(JunitXml.of(state))
        .contains("tests=\"2\" failures=\"1\"", "a fault &lt;#PF", "&amp; more", "load user 0x1000")
        .contains("access after remove (3 runs)");
  }
}
