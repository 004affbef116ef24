package dev.kmemu.cli;

import dev.kmemu.campaign.drive.Campaign;
import dev.kmemu.campaign.drive.CampaignDirectory;
import dev.kmemu.campaign.drive.CampaignLimits;
import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.CampaignTotals;
import dev.kmemu.campaign.report.JunitXml;
import dev.kmemu.cli.report.CampaignJson;
import dev.kmemu.cli.report.CampaignText;
import dev.kmemu.cli.terminal.StandardStream;
import dev.kmemu.cli.terminal.StatusLine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One session of a campaign: until a limit, or Ctrl-C. */
final class CampaignSession {

  /** How long Ctrl-C waits for the runs that are on their way, before it gives them up. */
  private static final long GRACE_SECONDS = 30;

  private final CampaignDirectory directory;
  private final CampaignState state;
  private final Campaign campaign;
  private final CampaignLimits limits;
  private final CampaignTotals before;
  private final long began = System.nanoTime();

  CampaignSession(CampaignDirectory directory, Campaign campaign, CampaignLimits limits) {
    this.directory = directory;
    this.campaign = campaign;
    this.state = campaign.state();
    this.limits = limits;
    this.before = state.totals();
  }

  int run() {
    CountDownLatch saved = new CountDownLatch(1);
    Thread hook = new Thread(() -> endEarly(saved), "campaign end");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      // A directory that can't be written to shows before the work is done, not after.
      directory.save(state);
      work();
      save();
    } finally {
      saved.countDown();
      remove(hook);
    }
    System.out.print(CampaignText.summary(state, before, elapsedMillis(), directory.path()));
    System.out.flush();
    return status();
  }

  private void work() {
    StatusLine line = statusLine();
    try {
      campaign.run(() -> directory.save(state));
    } finally {
      if (line != null) {
        line.close();
      }
    }
  }

  private @Nullable StatusLine statusLine() {
    return StandardStream.ERROR.isTerminal()
        ? StatusLine.show(
            System.err,
            () -> CampaignText.progress(state.totals(), before, elapsedMillis(), limits))
        : null;
  }

  private void save() {
    directory.save(state);
    directory.write("results.json", CampaignJson.of(state));
    directory.write("junit.xml", JunitXml.of(state));
  }

  private int status() {
    return state.totals().failures() == 0 ? ExitStatus.OK : ExitStatus.GUEST_FAILED;
  }

  private long elapsedMillis() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
  }

  /** Ctrl-C: has the runs end, and the process end with the status that it would have had. */
  private void endEarly(CountDownLatch saved) {
    campaign.stop();
    try {
      if (saved.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        System.out.print(CampaignText.summary(state, before, elapsedMillis(), directory.path()));
        System.out.flush();
        Runtime.getRuntime().halt(status());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and waits for it.
      awaitEnd();
    }
  }

  /** The hook prints the summary and ends the process; this thread must not do so, too. */
  private static void awaitEnd() {
    try {
      TimeUnit.SECONDS.sleep(GRACE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
