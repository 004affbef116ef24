package dev.kmemu.campaign.report.html;

import dev.kmemu.campaign.drive.CampaignPlan;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.report.kva.KvaView;
import java.nio.file.Path;
import java.util.List;

/**
 * A campaign as one HTML file: what came of it, each failure with its script, coverage as heat
 * maps, and kernel virtual memory as a picture. It fetches nothing and can be read without scripts.
 */
public final class HtmlReport {

  private HtmlReport() {}

  /**
   * Returns the file's text, to be written as UTF-8.
   *
   * @param directory where the campaign is kept, for the commands that replay its failures
   * @param kva the pictures of kernel virtual memory
   */
  public static String of(CampaignState state, Path directory, List<KvaView> kva) {
    CampaignPlan plan = state.plan();
    Html html = new Html();
    Page.open(html, "Campaign " + plan.suite().name() + ", seed " + plan.seed());
    SummarySection.write(html, state);
    FailureSection.write(html, state.groups(), directory);
    CoverageSection.write(html, state.coverage());
    KvaSection.write(html, kva);
    Page.close(html);
    return html.finish();
  }
}
