package dev.kmemu.campaign.drive;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A set of run numbers, kept as ranges. Not for several threads. */
public final class RunSet {

  /** The end of each range by its start; ranges neither touch nor overlap. */
  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  /** Creates an empty set. */
  public RunSet() {}

  /**
   * Reads what {@link #toString} wrote.
   *
   * @throws IllegalArgumentException for other text
   */
  public static RunSet parse(String text) {
    RunSet set = new RunSet();
    for (String range : text.isBlank() ? new String[0] : text.strip().split(",", -1)) {
      String[] bounds = range.split("-", -1);
      try {
        long first = Long.parseLong(bounds[0]);
        long last = Long.parseLong(bounds[bounds.length - 1]);
        set.add(new RunRange(first, Math.toIntExact(last - first + 1)));
      } catch (NumberFormatException | ArithmeticException e) {
        throw new IllegalArgumentException("'" + range + "' is no range such as 0-99", e);
      }
    }
    return set;
  }

  /** Returns how many numbers are in it. */
  public long size() {
    return ranges.entrySet().stream().mapToLong(range -> range.getValue() - range.getKey()).sum();
  }

  /** Whether any number of a range is in it. */
  public boolean overlaps(RunRange range) {
    Map.Entry<Long, Long> before = ranges.lowerEntry(range.end());
    return before != null && before.getValue() > range.first();
  }

  /** Adds a range, none of which may be in it. */
  public void add(RunRange range) {
    if (overlaps(range)) {
      throw new IllegalArgumentException("the runs " + range + " are in " + this + " already");
    }
    long start = range.first();
    long end = range.end();
    Map.Entry<Long, Long> before = ranges.floorEntry(start);
    if (before != null && before.getValue() == start) {
      start = before.getKey();
    }
    Long joined = ranges.remove(end);
    ranges.put(start, joined == null ? end : joined);
  }

  /** Adds another set, none of which may be in it. */
  public void addAll(RunSet other) {
    other.ranges.forEach((start, end) -> add(new RunRange(start, Math.toIntExact(end - start))));
  }

  /** Returns the first range that isn't in it, of at most {@code most} runs. */
  public RunRange firstGap(int most) {
    Map.Entry<Long, Long> first = ranges.firstEntry();
    if (first == null || first.getKey() > 0) {
      return new RunRange(0, first == null ? most : (int) Math.min(most, first.getKey()));
    }
    long start = first.getValue();
    Long next = ranges.higherKey(start);
    return new RunRange(start, next == null ? most : (int) Math.min(most, next - start));
  }

  /** Returns the ranges, such as {@code 0-99,104-107}. */
  @Override
  public String toString() {
    return ranges.entrySet().stream()
        .map(range -> range.getKey() + "-" + (range.getValue() - 1))
        .collect(Collectors.joining(","));
  }
}
