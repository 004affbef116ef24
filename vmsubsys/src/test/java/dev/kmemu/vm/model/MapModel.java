package dev.kmemu.vm.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A map as a list of intervals: first fit, and upstream's rules of what is merged when. */
final class MapModel {

  static final long PAGE = 4096;
  static final long NONE = -1;

  final String name;
  final long min;
  final long max;

  /** Whether the intervals are entries, one to one: objects made on demand hinder merging. */
  final boolean system;

  private final NavigableMap<Long, Interval> intervals = new TreeMap<>(Long::compareUnsigned);

  MapModel(String name, long min, long max, boolean system) {
    this.name = name;
    this.min = min;
    this.max = max;
    this.system = system;
  }

  List<Interval> intervals() {
    return List.copyOf(intervals.values());
  }

  /** Returns the intervals with all neighbours merged that are alike to the eye. */
  static List<Interval> merged(Collection<Interval> all) {
    List<Interval> merged = new ArrayList<>();
    for (Interval each : all) {
      Interval next = each.visible();
      int last = merged.size() - 1;
      if (last >= 0 && merged.get(last).mergesWith(next)) {
        merged.set(last, next.withBounds(merged.get(last).start(), next.end()));
      } else {
        merged.add(next);
      }
    }
    return merged;
  }

  long size() {
    return intervals.values().stream().mapToLong(Interval::length).sum();
  }

  @Nullable Interval at(long va) {
    Map.Entry<Long, Interval> floor = intervals.floorEntry(va);
    return floor != null && floor.getValue().contains(va) ? floor.getValue() : null;
  }

  /** Returns the intervals that have a byte in [from, to). */
  List<Interval> overlapping(long from, long to) {
    return intervals.values().stream()
        .filter(each -> below(each.start(), to) && below(from, each.end()))
        .toList();
  }

  /** Returns the lowest multiple of {@code align} with {@code size} free bytes, or NONE. */
  long firstFit(long size, long align) {
    long from = min;
    for (Interval next : intervals()) {
      long at = roundUp(from, align);
      if (!below(at, from) && !below(at + size, at) && !below(next.start(), at + size)) {
        return at;
      }
      from = next.end();
    }
    long at = roundUp(from, align);
    boolean fits = !below(at, from) && !below(at + size, at) && !below(max, at + size);
    return fits ? at : NONE;
  }

  private static long roundUp(long value, long align) {
    long rest = Long.remainderUnsigned(value, align);
    return rest == 0 ? value : value - rest + align;
  }

  /** Adds a range; without an object of its own it grows the one before, where that is alike. */
  void insert(Interval added) {
    Interval before = at(added.start() - 1);
    boolean hasNoObject =
        added.backing() == Backing.ANONYMOUS || added.backing() == Backing.NOFAULT;
    if (hasNoObject && before != null && before.mergesWith(added)) {
      put(before.withBounds(before.start(), added.end()));
      simplify(before.start());
    } else {
      put(added);
    }
  }

  /** Removes what is in [from, to); an empty range inside an interval splits it. */
  void delete(long from, long to) {
    splitStart(from);
    for (Interval each : overlapping(from, to)) {
      splitEnd(each.start(), to);
      intervals.remove(each.start());
    }
  }

  /** Splits off, one by one, changes and simplifies, as protect and inherit do. */
  void change(long from, long to, UnaryOperator<Interval> change) {
    splitStart(from);
    for (Interval each = first(from, to); each != null; ) {
      splitEnd(each.start(), to);
      put(change.apply(starting(each.start())));
      long end = simplify(each.start());
      each = first(end, to);
    }
  }

  private @Nullable Interval first(long from, long to) {
    Map.Entry<Long, Interval> next = intervals.ceilingEntry(from);
    return next != null && below(next.getKey(), to) ? next.getValue() : null;
  }

  /** Splits off the whole range first, changes it, and simplifies after, as wiring does. */
  void clipAndChange(long from, long to, UnaryOperator<Interval> change) {
    if (at(from) == null) {
      return;
    }
    splitStart(from);
    long end = from;
    for (Interval each = at(from); each != null && below(end, to); each = at(end)) {
      splitEnd(each.start(), to);
      end = starting(each.start()).end();
    }
    for (Interval each : overlapping(from, end)) {
      put(change.apply(each));
    }
    for (Interval each = first(from, end); each != null; ) {
      each = first(simplify(each.start()), end);
    }
  }

  /** Makes an interval begin at {@code va} if one goes across it. */
  void splitStart(long va) {
    Interval across = at(va);
    if (across != null && across.start() != va) {
      simplify(across.start());
      splitEnd(holding(va).start(), va);
    }
  }

  private void splitEnd(long start, long va) {
    Interval whole = starting(start);
    if (below(va, whole.end())) {
      put(whole.withBounds(start, va));
      put(whole.withBounds(va, whole.end()));
    }
  }

  /** Merges with the neighbours before and behind, and returns the end of the result. */
  private long simplify(long start) {
    Interval self = starting(start);
    Interval before = at(start - 1);
    if (before != null && before.mergesWith(self)) {
      intervals.remove(start);
      self = self.withBounds(before.start(), self.end());
    }
    Interval behind = at(self.end());
    if (behind != null && self.mergesWith(behind)) {
      intervals.remove(behind.start());
      self = self.withBounds(self.start(), behind.end());
    }
    put(self);
    return self.end();
  }

  private Interval starting(long start) {
    return Objects.requireNonNull(intervals.get(start));
  }

  private Interval holding(long va) {
    return Objects.requireNonNull(at(va));
  }

  private void put(Interval interval) {
    intervals.put(interval.start(), interval);
  }

  static boolean below(long a, long b) {
    return Long.compareUnsigned(a, b) < 0;
  }

  @Override
  public String toString() {
    return name;
  }
}
