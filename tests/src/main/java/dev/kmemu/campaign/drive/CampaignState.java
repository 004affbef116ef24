package dev.kmemu.campaign.drive;

import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.coverage.Coverage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What a campaign has come to. Takes each range of runs once, from any thread: a result that comes
 * again changes nothing, so that a range may be done twice where nobody knows whether it was.
 */
public final class CampaignState {

  private final CampaignPlan plan;
  private final RunSet done = new RunSet();
  private final Coverage coverage;
  private final Map<String, FailureGroup> groups = new LinkedHashMap<>();
  private final Map<String, String> signatures = new LinkedHashMap<>();
  private final Map<String, Long> unexplained = new LinkedHashMap<>();
  private final List<Script> corpus = new ArrayList<>();
  private long steps;
  private long checks;
  private long failures;
  private long millis;

  /** Creates the state of a campaign that hasn't begun. */
  public CampaignState(CampaignPlan plan) {
    this.plan = plan;
    coverage = new Coverage(plan.suite().features());
  }

  /** Returns the plan. */
  public CampaignPlan plan() {
    return plan;
  }

  /**
   * Adds what came of a range.
   *
   * @return false when runs of it were known already, and nothing was added
   */
  public synchronized boolean merge(RangeResult result) {
    if (done.overlaps(result.range())) {
      return false;
    }
    done.add(result.range());
    steps += result.steps();
    checks += result.checks();
    coverage.merge(result.coverage());
    corpus.addAll(result.corpus());
    result.findings().forEach(this::find);
    result.kinds().forEach(this::count);
    return true;
  }

  private void find(Finding finding) {
    String signature = finding.signature();
    signatures.putIfAbsent(finding.kind(), signature);
    groups.computeIfAbsent(signature, s -> new FailureGroup(finding, 0, fileName(finding)));
    Long waiting = unexplained.remove(finding.kind());
    if (waiting != null) {
      long runs = waiting;
      groups.computeIfPresent(signature, (s, group) -> group.plus(runs));
    }
  }

  private void count(String kind, long runs) {
    failures += runs;
    String signature = signatures.get(kind);
    if (signature == null) {
      unexplained.merge(kind, runs, Long::sum);
    } else {
      groups.computeIfPresent(signature, (s, group) -> group.plus(runs));
    }
  }

  private String fileName(Finding finding) {
    String words = finding.failure().kind().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String shortened = words.substring(0, Math.min(words.length(), 48)).replaceAll("-+$", "");
    return String.format("%02d-%s.script", groups.size() + 1, shortened);
  }

  /** Puts back a group that an earlier session found. */
  synchronized void restore(Finding finding, long count) {
    find(finding);
    groups.computeIfPresent(finding.signature(), (s, group) -> group.plus(count));
    failures += count;
  }

  /** Puts back what an earlier session did. */
  synchronized void restore(
      RunSet runs, long stepsDone, long checksDone, long millisSpent, Coverage covered) {
    done.addAll(runs);
    steps += stepsDone;
    checks += checksDone;
    millis += millisSpent;
    coverage.merge(covered);
  }

  /** Puts back a script of the corpus. */
  synchronized void restore(Script script) {
    corpus.add(script);
  }

  /** Adds time that was spent. */
  public synchronized void addMillis(long more) {
    millis += more;
  }

  /** Returns the kinds of failures that have a script already. */
  public synchronized Set<String> knownKinds() {
    return Set.copyOf(signatures.keySet());
  }

  /** Returns a copy of the runs that are done. */
  public synchronized RunSet doneRuns() {
    RunSet copy = new RunSet();
    copy.addAll(done);
    return copy;
  }

  /** Returns the numbers, as they are now. */
  public synchronized CampaignTotals totals() {
    return new CampaignTotals(
        done.size(),
        steps,
        checks,
        failures,
        groups.size(),
        coverage.seen(),
        corpus.size(),
        millis);
  }

  /** Returns the bugs found, in the order in which they were. */
  public synchronized List<FailureGroup> groups() {
    return List.copyOf(groups.values());
  }

  /** Returns the scripts that covered something new. */
  public synchronized List<Script> corpus() {
    return List.copyOf(corpus);
  }

  /** Returns a copy of what was covered. */
  public synchronized Coverage coverage() {
    Coverage copy = new Coverage(plan.suite().features());
    copy.merge(coverage);
    return copy;
  }
}
