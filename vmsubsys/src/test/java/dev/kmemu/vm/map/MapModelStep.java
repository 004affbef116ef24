package dev.kmemu.vm.map;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import java.util.List;

/**
 * One random operation, on pages of a map, and what it makes of {@link MapModel}.
 *
 * @param choice picks among protections or inheritances
 */
record MapModelStep(MapModelStep.Kind kind, int from, int pages, int choice) {

  /** Steps stay below this page. */
  static final int SPACE = 48;

  /** By upstream's values. */
  private static final List<Inheritance> INHERITANCES =
      List.of(Inheritance.SHARE, Inheritance.COPY, Inheritance.NONE);

  enum Kind {
    INSERT,
    DELETE,
    PROTECT,
    SET_MAXIMUM,
    INHERIT,
    WIRE,
    UNWIRE,
    CLIP
  }

  int to() {
    return Math.min(from + pages, SPACE);
  }

  int prot() {
    return (choice & 1) != 0 ? VmProt.ALL : VmProt.READ | VmProt.WRITE;
  }

  /**
   * Does the step to the model.
   *
   * @param key tells objects apart; 0 for none
   * @return what the map must return
   */
  KernReturn apply(MapModel model, int key) {
    int to = to();
    switch (kind) {
      case INSERT -> {
        return insert(model, key);
      }
      case DELETE -> {
        simplifyBeforeCut(model, from);
        model.remove(from, to);
        return KernReturn.SUCCESS;
      }
      case PROTECT -> {
        return protect(model, from, to, prot(), false);
      }
      case SET_MAXIMUM -> {
        return protect(model, from, to, VmProt.READ | VmProt.WRITE, true);
      }
      case INHERIT -> {
        return inherit(model, from, to, choice);
      }
      case WIRE -> {
        return wire(model, from, to, 1);
      }
      case UNWIRE -> {
        return wire(model, from, to, -1);
      }
      default -> {
        simplifyBeforeCut(model, from);
        return KernReturn.SUCCESS;
      }
    }
  }

  private KernReturn insert(MapModel model, int key) {
    int to = to();
    if (from >= to) {
      return KernReturn.INVALID_ADDRESS;
    }
    if (!model.isFree(from, to)) {
      return KernReturn.NO_SPACE;
    }
    var interval = new MapModel.Interval(to, prot(), VmProt.ALL, Inheritance.COPY, 0, key);
    var before = model.intervals.lowerEntry(from);
    if (key == 0
        && before != null
        && before.getValue().end() == from
        && before.getValue().continues(interval)) {
      model.intervals.put(before.getKey(), interval);
      model.simplify(before.getKey());
    } else {
      model.intervals.put(from, interval);
    }
    return KernReturn.SUCCESS;
  }

  /** {@code clip_start} merges the entry with its neighbours before it cuts. */
  private static void simplifyBeforeCut(MapModel model, int at) {
    var entry = model.intervals.lowerEntry(at);
    if (entry != null && entry.getValue().end() > at) {
      model.simplify(entry.getKey());
      model.cut(at);
    }
  }

  private static KernReturn protect(
      MapModel model, int from, int to, int prot, boolean setMaximum) {
    simplifyBeforeCut(model, from);
    if (model.intervals.subMap(from, Math.max(from, to)).values().stream()
        .anyMatch(interval -> (prot & ~interval.maxProt()) != 0)) {
      return KernReturn.PROTECTION_FAILURE;
    }
    forEach(
        model,
        from,
        to,
        interval ->
            setMaximum
                ? interval.with(prot & interval.prot(), prot)
                : interval.with(prot, interval.maxProt()));
    return KernReturn.SUCCESS;
  }

  private static KernReturn inherit(MapModel model, int from, int to, int value) {
    if (value > 2) {
      return KernReturn.INVALID_ARGUMENT;
    }
    simplifyBeforeCut(model, from);
    forEach(model, from, to, interval -> interval.with(INHERITANCES.get(value)));
    return KernReturn.SUCCESS;
  }

  private interface Change {
    MapModel.Interval of(MapModel.Interval interval);
  }

  /** Cuts, changes and merges one after the other, as the loops of vm_map.c do. */
  private static void forEach(MapModel model, int from, int to, Change change) {
    Integer start = model.intervals.ceilingKey(from);
    while (start != null && start < to) {
      if (model.at(start).end() > to) {
        model.cut(to);
      }
      model.intervals.put(start, change.of(model.at(start)));
      int merged = model.simplify(start);
      start = model.intervals.higherKey(merged);
    }
  }

  private static KernReturn wire(MapModel model, int from, int to, int delta) {
    boolean mapped = from < to && startsIn(model, from);
    if (mapped) {
      simplifyBeforeCut(model, from);
      var last = lastCovered(model, from, to);
      model.cut(Math.min(last, to));
    }
    KernReturn result = KernReturn.SUCCESS;
    if (!mapped || !model.covers(from, to)) {
      result = KernReturn.INVALID_ADDRESS;
    } else if (delta < 0
        && model.intervals.subMap(from, to).values().stream().anyMatch(i -> i.wired() == 0)) {
      result = KernReturn.INVALID_ARGUMENT;
    }
    if (mapped) {
      int end = Math.min(lastCovered(model, from, to), to);
      int change = result == KernReturn.SUCCESS ? delta : 0;
      model.intervals.subMap(from, end).replaceAll((k, i) -> i.withWired(i.wired() + change));
      Integer start = from;
      while (start != null && start < end) {
        start = model.intervals.higherKey(model.simplify(start));
      }
    }
    return result;
  }

  private static boolean startsIn(MapModel model, int at) {
    return model.covers(at, at + 1);
  }

  /** Returns where the first hole at or above {@code from} begins, at most {@code to}. */
  private static int lastCovered(MapModel model, int from, int to) {
    int at = from;
    while (at < to && model.covers(at, at + 1)) {
      at++;
    }
    return at;
  }
}
