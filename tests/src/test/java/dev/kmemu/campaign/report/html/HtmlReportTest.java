package dev.kmemu.campaign.report.html;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.Finding;
import dev.kmemu.campaign.report.kva.KvaView;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a report says of a campaign, and that it is whole and of one file. */
class HtmlReportTest {

  private static final Pattern HEADING = Pattern.compile("<(h[1-4])[^>]*>(.*?)</\\1>");
  private static final List<KvaView> NO_PICTURE = List.of(new KvaView.Missing("Nobody <looked>."));

  private static String report(CampaignState state) {
    return HtmlReport.of(state, SampleReport.DIRECTORY, NO_PICTURE);
  }

  private static CampaignState failed() {
    CampaignState state = SampleReport.empty();
    Finding hostile = SampleReport.hostile();
    state.merge(SampleReport.result(0, Map.of(hostile.kind(), 3L), List.of(hostile)));
    return state;
  }

  private static String outline(String html) {
    return HEADING
        .matcher(html)
        .results()
        .map(heading -> heading.group(1) + " " + heading.group(2).replaceAll("<[^>]*>", ""))
        .collect(Collectors.joining("\n"));
  }

  @Test
  void theOutlineIsSummaryFailuresCoverageAndKernelMemory() {
    assertThat(outline(report(SampleReport.empty())))
        .isEqualTo(
            """
            h1 Suite pmap, seed 7
            h2 Failures
            h2 Coverage
            h3 Page-table entries by access, ring and outcome 0 of 3,072 seen
            h3 Outcomes of accesses 0 of 33 seen
            h3 Pairs of operations 0 of 900 seen
            h3 What operations met at an address 0 of 1,020 seen
            h3 Mappings of a page that an operation is about 0 of 240 seen
            h2 Kernel memory\
            """);
  }

  @Test
  void aFailureHasItsWalkItsScriptItsReplayAndItsTest() {
    String html = report(failed());

    assertThat(outline(html))
        .contains(
            "h3 1. panic: ", "h4 Page walk and details\nh4 Script\nh4 Replay\nh4 Test method");
    assertThat(html)
        .contains("3 runs failed so, the first of them run 3. Its 90 steps shrank to 1")
        .contains("load user 0x1000")
        .contains("void theScriptRunsAsTheModelSays()");
  }

  @Test
  void theReplayCommandSurvivesAShell() {
    assertThat(report(failed()))
        .contains(
            "./kmemu campaign --replay &#39;campaigns/pmap &lt;7&gt; &amp; "
                + "&#39;\\&#39;&#39;more&#39;\\&#39;&#39;/failures/01-panic-script-");
  }

  @Test
  void namesThatAreMarkupStayText() {
    String html = report(failed());

    assertThat(count(html, "<script>")).isEqualTo(1);
    assertThat(html)
        .doesNotContain("<img", "<looked>", "document.title = 'broken'")
        .contains("&lt;script&gt;document.title = &#39;broken&#39;&lt;/script&gt; &amp;")
        .contains("There is no picture. Nobody &lt;looked&gt;.");
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }

  @Test
  void theVerdictIsWhatTheRunsCameTo() {
    CampaignState green = SampleReport.empty();
    green.merge(SampleReport.result(0, Map.of(), List.of()));

    assertThat(report(SampleReport.empty())).contains("<strong>Not begun</strong>");
    assertThat(report(green)).contains("<strong>Passed</strong> Nothing differed");
    assertThat(report(failed()))
        .contains("<strong>Failed</strong> 1 distinct failure in 3 runs of 10.");
  }

  @Test
  void nothingIsLoadedFromElsewhere() {
    String html = report(failed());
    Matcher loads = Pattern.compile("(?:src|href)=\"([^\"]*)\"|url\\(|@import").matcher(html);

    assertThat(loads.results().map(load -> load.group(1)))
        .isNotEmpty()
        .allMatch(target -> target != null && target.startsWith("#"));
    assertThat(html).contains("default-src &#39;none&#39;");
  }

  @Test
  void idsAreUniqueAndLinksLeadSomewhere() {
    String html = report(failed());
    List<String> ids =
        Pattern.compile(" id=\"([^\"]*)\"").matcher(html).results().map(id -> id.group(1)).toList();

    assertThat(ids).doesNotHaveDuplicates();
    assertThat(
            Pattern.compile("(?: href=\"#| aria-labelledby=\"| data-copies=\")([^\"]*)\"")
                .matcher(html)
                .results()
                .map(link -> link.group(1)))
        .isNotEmpty()
        .allMatch(ids::contains);
  }
}
