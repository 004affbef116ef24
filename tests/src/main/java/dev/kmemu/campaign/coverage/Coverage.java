package dev.kmemu.campaign.coverage;

import java.util.List;

/**
 * How often each feature was seen. A value that merges: the sum of two is what both runs together
 * have seen. Not for several threads.
 */
public final class Coverage {

  private final List<FeatureTable> tables;
  private final long[][] counts;

  /** Creates an empty one. */
  public Coverage(List<FeatureTable> tables) {
    this.tables = List.copyOf(tables);
    counts = new long[tables.size()][];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new long[tables.get(i).size()];
    }
  }

  /** Returns what is counted. */
  public List<FeatureTable> tables() {
    return tables;
  }

  /** Counts a feature once. */
  public void hit(int table, int feature) {
    counts[table][feature]++;
  }

  /** Counts a feature several times. */
  public void add(int table, int feature, long times) {
    counts[table][feature] += times;
  }

  /** Returns how often a feature was seen. */
  public long count(int table, int feature) {
    return counts[table][feature];
  }

  /** Returns how many features were seen at all. */
  public int seen() {
    int seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += seen(i);
    }
    return seen;
  }

  /** Returns how many features of a table were seen at all. */
  public int seen(int table) {
    int seen = 0;
    for (long count : counts[table]) {
      seen += count != 0 ? 1 : 0;
    }
    return seen;
  }

  /**
   * Adds what another one has seen.
   *
   * @return how many features are new here
   * @throws IllegalArgumentException when it counts other features
   */
  public int merge(Coverage other) {
    requireSameTables(other);
    int fresh = 0;
    for (int i = 0; i < counts.length; i++) {
      for (int j = 0; j < counts[i].length; j++) {
        long more = other.counts[i][j];
        fresh += more != 0 && counts[i][j] == 0 ? 1 : 0;
        counts[i][j] += more;
      }
    }
    return fresh;
  }

  /** Forgets everything. */
  public void clear() {
    for (long[] table : counts) {
      java.util.Arrays.fill(table, 0);
    }
  }

  private void requireSameTables(Coverage other) {
    boolean same = other.tables.size() == tables.size();
    for (int i = 0; same && i < tables.size(); i++) {
      FeatureTable own = tables.get(i);
      FeatureTable others = other.tables.get(i);
      same = own.name().equals(others.name()) && own.size() == others.size();
    }
    if (!same) {
      throw new IllegalArgumentException("the coverages count different features");
    }
  }
}
