package dev.kmemu.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.campaign.drive.CampaignState;
import dev.kmemu.campaign.drive.RunRange;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedRunsTest {

  private static final long RUNS = 600;

  private final String addresses = FreePorts.row(3);

  @Test
  void threeMembersDoEachRunOnceThoughOneIsKilledAtWork() {
    CampaignState firstState = Bookkeeping.state(7);
    CampaignState secondState = Bookkeeping.state(7);
    try (ClusterMember first = ClusterMember.join(addresses);
        ClusterMember second = ClusterMember.join(addresses);
        ClusterMember third = ClusterMember.join(addresses)) {
      assertThat(first.size()).isEqualTo(3);
      SharedRuns firstRuns = first.share(firstState, RUNS);
      SharedRuns secondRuns = second.share(secondState, RUNS);
      SharedRuns thirdRuns = third.share(Bookkeeping.state(7), RUNS);
      finish(thirdRuns, thirdRuns.next());
      Optional<RunRange> left = thirdRuns.next();
      Optional<RunRange> leftToo = thirdRuns.next();
      assertThat(left).isPresent();
      assertThat(leftToo).isPresent().isNotEqualTo(left);

      CompletableFuture<Void> work =
          CompletableFuture.allOf(
              CompletableFuture.runAsync(() -> work(firstRuns)),
              CompletableFuture.runAsync(() -> work(secondRuns)));
      third.crash();
      work.join();

      for (CampaignState state : List.of(firstState, secondState)) {
        assertThat(state.doneRuns()).hasToString("0-" + (RUNS - 1));
        assertThat(state.totals().steps()).isEqualTo(Bookkeeping.stepsBefore(RUNS));
        assertThat(state.totals().checks()).isEqualTo(RUNS);
      }
    }
  }

  @Test
  void aRangeThatTwoMembersDidCountsOnce() {
    CampaignState state = Bookkeeping.state(7);
    try (ClusterMember first = ClusterMember.join(addresses);
        ClusterMember second = ClusterMember.join(addresses)) {
      SharedRuns runs = first.share(state, RUNS);
      SharedRuns others = second.share(Bookkeeping.state(7), RUNS);
      RunRange range = runs.next().orElseThrow();
      others.finish(Bookkeeping.result(range));
      runs.finish(Bookkeeping.result(range));
      runs.collect();
      assertThat(state.totals().runs()).isEqualTo(range.count());
      assertThat(state.totals().checks()).isEqualTo(range.count());
    }
  }

  @Test
  void aClaimWhoseAnswerGotLostIsWorkedOn() {
    try (ClusterMember member = ClusterMember.join(addresses)) {
      RunRange claimed = member.share(Bookkeeping.state(7), RUNS).next().orElseThrow();
      SharedRuns runs = member.share(Bookkeeping.state(7), RUNS);
      assertThat(runs.next()).contains(claimed);
      assertThat(runs.next()).as("once").isPresent().isNotEqualTo(Optional.of(claimed));
    }
  }

  @Test
  void aMemberThatComesLateGetsWhatIsDoneAndDoesTheRest() {
    CampaignState late = Bookkeeping.state(7);
    try (ClusterMember first = ClusterMember.join(addresses)) {
      SharedRuns runs = first.share(Bookkeeping.state(7), RUNS);
      RunRange done = runs.next().orElseThrow();
      runs.finish(Bookkeeping.result(done));
      try (ClusterMember second = ClusterMember.join(addresses)) {
        SharedRuns rest = second.share(late, RUNS);
        assertThat(late.totals().runs()).isEqualTo(done.count());
        assertThat(rest.next().orElseThrow().first()).isEqualTo(done.end());
      }
    }
  }

  @Test
  void whatADirectoryHadBeforeIsNotDoneAgain() {
    CampaignState state = Bookkeeping.state(7);
    state.merge(Bookkeeping.result(new RunRange(0, state.plan().runsOfRange())));
    try (ClusterMember member = ClusterMember.join(addresses)) {
      SharedRuns runs = member.share(state, RUNS);
      assertThat(runs.next().orElseThrow().first()).isEqualTo(state.plan().runsOfRange());
    }
  }

  @Test
  void aCampaignThatEndedInsideARangeCanNotBeShared() {
    CampaignState state = Bookkeeping.state(7);
    state.merge(Bookkeeping.result(new RunRange(0, 3)));
    try (ClusterMember member = ClusterMember.join(addresses)) {
      assertThatThrownBy(() -> member.share(state, RUNS))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("ended at run 3")
          .hasMessageContaining("without --cluster up to --runs 10");
    }
  }

  @Test
  void anotherCampaignIsRefused() {
    try (ClusterMember first = ClusterMember.join(addresses);
        ClusterMember second = ClusterMember.join(addresses)) {
      SharedRuns runs = first.share(Bookkeeping.state(7), RUNS);
      assertThat(runs.next()).isPresent();
      assertThatThrownBy(() -> second.share(Bookkeeping.state(8), RUNS))
          .isInstanceOf(ClusterException.class)
          .hasMessageContaining("the cluster does --suite pmap --pmap standard --seed 7")
          .hasMessageContaining("not --suite pmap --pmap standard --seed 8");
    }
  }

  @Test
  void whoStopsDoesNotWaitForTheRunsOfOthers() {
    try (ClusterMember first = ClusterMember.join(addresses);
        ClusterMember second = ClusterMember.join(addresses)) {
      SharedRuns runs = first.share(Bookkeeping.state(7), 1);
      SharedRuns others = second.share(Bookkeeping.state(7), 1);
      assertThat(others.next()).isPresent();
      CompletableFuture<Optional<RunRange>> waiting = CompletableFuture.supplyAsync(runs::next);
      runs.stop();
      assertThat(waiting.join()).isEmpty();
    }
  }

  private static void work(SharedRuns runs) {
    for (Optional<RunRange> range = runs.next(); range.isPresent(); range = runs.next()) {
      finish(runs, range);
    }
  }

  private static void finish(SharedRuns runs, Optional<RunRange> range) {
    runs.finish(Bookkeeping.result(range.orElseThrow()));
  }
}
