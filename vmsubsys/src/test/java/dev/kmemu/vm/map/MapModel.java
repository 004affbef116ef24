package dev.kmemu.vm.map;

import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A map as a plain list of intervals, in pages: what {@code vm_map} should hold after each call.
 * Objects are those that never merge by themselves; an interval knows which one it shows, and from
 * where.
 */
final class MapModel {

  /** An interval without its start. Two that touch and agree in all of this are one. */
  record Interval(int end, int prot, int maxProt, Inheritance inheritance, int wired, int key) {
    Interval to(int newEnd) {
      return new Interval(newEnd, prot, maxProt, inheritance, wired, key);
    }

    Interval with(int newProt, int newMax) {
      return new Interval(end, newProt, newMax, inheritance, wired, key);
    }

    Interval with(Inheritance value) {
      return new Interval(end, prot, maxProt, value, wired, key);
    }

    Interval withWired(int count) {
      return new Interval(end, prot, maxProt, inheritance, count, key);
    }

    boolean continues(Interval next) {
      return to(0).equals(next.to(0));
    }
  }

  final TreeMap<Integer, Interval> intervals = new TreeMap<>();

  boolean isFree(int from, int to) {
    Map.Entry<Integer, Interval> before = intervals.lowerEntry(to);
    return before == null || before.getValue().end() <= from;
  }

  /** Whether intervals cover all of [from, to). */
  boolean covers(int from, int to) {
    int at = from;
    while (at < to) {
      Map.Entry<Integer, Interval> entry = intervals.floorEntry(at);
      if (entry == null || entry.getValue().end() <= at) {
        return false;
      }
      at = entry.getValue().end();
    }
    return from < to;
  }

  /** Cuts an interval in two at {@code at}, if that is inside one. */
  void cut(int at) {
    Map.Entry<Integer, Interval> entry = intervals.lowerEntry(at);
    if (entry != null && entry.getValue().end() > at) {
      intervals.put(at, entry.getValue());
      intervals.put(entry.getKey(), entry.getValue().to(at));
    }
  }

  Interval at(int start) {
    return Objects.requireNonNull(intervals.get(start));
  }

  /** Merges the interval at {@code start} with its neighbours; returns its new start. */
  int simplify(int start) {
    int first = start;
    Map.Entry<Integer, Interval> before = intervals.lowerEntry(start);
    Interval it = at(start);
    if (before != null && before.getValue().end() == start && before.getValue().continues(it)) {
      intervals.remove(start);
      first = before.getKey();
      intervals.put(first, it);
    }
    Interval next = intervals.get(it.end());
    if (next != null && it.continues(next)) {
      intervals.remove(it.end());
      intervals.put(first, it.to(next.end()));
    }
    return first;
  }

  void remove(int from, int to) {
    cut(from);
    cut(to);
    intervals.subMap(from, to).clear();
  }

  long size() {
    return intervals.entrySet().stream().mapToLong(e -> e.getValue().end() - e.getKey()).sum();
  }
}
