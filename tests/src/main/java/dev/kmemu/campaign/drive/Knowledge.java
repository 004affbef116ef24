package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.coverage.Coverage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the workers of one process share, so that none keeps or shrinks what another one has: what
 * was covered, which failures were seen, and the corpus. For any thread.
 */
final class Knowledge {

  private static final int MOST_SCRIPTS = 512;

  private final Coverage coverage;
  private final Set<String> kinds;
  private List<Script> corpus;

  Knowledge(CampaignState state) {
    coverage = state.coverage();
    kinds = new HashSet<>(state.knownKinds());
    corpus = state.corpus();
  }

  /** Adds what a run covered; returns how much of it is new. */
  synchronized int learn(Coverage run) {
    return coverage.merge(run);
  }

  /** Whether a failure of this kind comes for the first time, so that it is the caller's. */
  synchronized boolean claim(String kind) {
    return kinds.add(kind);
  }

  synchronized void keep(Script script) {
    if (corpus.size() < MOST_SCRIPTS) {
      List<Script> more = new java.util.ArrayList<>(corpus);
      more.add(script);
      corpus = List.copyOf(more);
    }
  }

  synchronized boolean isFull() {
    return corpus.size() >= MOST_SCRIPTS;
  }

  synchronized List<Script> corpus() {
    return corpus;
  }
}
