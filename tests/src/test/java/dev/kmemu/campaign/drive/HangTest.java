package dev.kmemu.campaign.drive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.StageOptions;
import dev.kmemu.campaign.Suites;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A run that doesn't end ends the campaign, and its script is kept. */
class HangTest {

  private static final CountDownLatch OVER = new CountDownLatch(1);
  private static final long HANG_NANOS = 2_000_000_000L;

  /** Goes round in circles for as long as the test lasts. */
  public static final class Endless implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void changeWiring(Pmap pmap, long va, boolean wired) {
          while (OVER.getCount() > 0) {
            Thread.onSpinWait();
          }
          target().changeWiring(pmap, va, wired);
        }
      };
    }
  }

  @AfterAll
  static void letTheThreadGo() {
    OVER.countDown();
  }

  @Test
  void anEndlessLoopInAPmapIsAFailureThatSaysWhere() {
    PmapChoice endless = new PmapChoice(Endless.class.getName());
    CampaignState state =
        new CampaignState(
            new CampaignPlan(
                Suites.find("pmap").orElseThrow(), endless, 7, 400, StageOptions.RAM_BYTES));
    RunDispenser runs =
        new RunDispenser(state.doneRuns(), state.plan().runsOfRange(), 1000, state::merge);
    CampaignLimits limits = new CampaignLimits(1000, Long.MAX_VALUE, 1);

    new Campaign(state, UnicornLoader.load(), limits, runs, HANG_NANOS).run(() -> {});

    assertThat(state.groups()).hasSize(1);
    Finding finding = state.groups().get(0).first();
    Failure failure = finding.failure();
    assertThat(failure.check()).isEqualTo("hang");
    assertThat(failure.details()).anyMatch(line -> line.contains("HangTest$Endless"));
    assertThat(finding.script().steps()).hasSize(400);
    assertThat(finding.script().steps())
        .anyMatch(step -> step.verb().word().startsWith("change-wiring"));
  }
}
