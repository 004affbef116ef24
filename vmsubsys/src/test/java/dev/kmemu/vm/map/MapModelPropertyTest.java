package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Random sequences on an ordinary and on a system map against {@link MapModel}: coverage,
 * attributes, result codes and, because every merge is modelled, the entries themselves.
 */
class MapModelPropertyTest {

  private static final int SPACE = 48;

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

  record Step(Kind kind, int from, int pages, int choice) {
    int to() {
      return Math.min(from + pages, SPACE);
    }

    int prot() {
      return (choice & 1) != 0 ? VmProt.ALL : VmProt.READ | VmProt.WRITE;
    }
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(0, SPACE - 1),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, 5))
        .as(Step::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void anOrdinaryMapHoldsWhatTheModelHolds(@ForAll("steps") List<Step> steps) {
    // Objects of its own keep entries from growing and merging where they are inserted.
    run(new MapKernel(), steps, true);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void aSystemMapHoldsWhatTheModelHolds(@ForAll("steps") List<Step> steps) {
    MapKernel kernel = new MapKernel();
    kernel.map.setSystemMap();
    run(kernel, steps, false);
  }

  private static void run(MapKernel kernel, List<Step> steps, boolean backed) {
    MapModel model = new MapModel();
    int key = 0;
    for (Step step : steps) {
      if (!backed && (step.kind() == Kind.WIRE || step.kind() == Kind.UNWIRE)) {
        // Nothing can be faulted into a null object of a system map.
        continue;
      }
      int timestamp = kernel.map.timestamp();
      KernReturn expected = apply(model, step, backed ? ++key : 0);
      assertThat(perform(kernel, step, backed)).as("%s", step).isEqualTo(expected);
      if (step.kind() != Kind.INHERIT || expected == KernReturn.SUCCESS) {
        assertThat(kernel.map.timestamp()).as("timestamp").isGreaterThan(timestamp);
      }
      compare(kernel, model, step);
      kernel.check();
    }
    kernel.remove(0, SPACE);
    assertThat(kernel.map.size()).isZero();
    assertThat(kernel.wiredPages()).isZero();
    kernel.check();
  }

  private static KernReturn perform(MapKernel kernel, Step step, boolean backed) {
    int from = step.from();
    int to = step.to();
    MapProtection protection = kernel.vm.maps().protection();
    return switch (step.kind()) {
      case INSERT -> {
        var object = backed ? kernel.object(to - from) : null;
        KernReturn result = kernel.insert(MapKernel.mapping(object, 0, step.prot(), 0), from, to);
        if (result != KernReturn.SUCCESS && object != null) {
          kernel.vm.objects().deallocate(object);
        }
        yield result;
      }
      case DELETE -> {
        kernel.remove(from, to);
        yield KernReturn.SUCCESS;
      }
      case PROTECT -> kernel.protect(from, to, step.prot());
      case SET_MAXIMUM ->
          protection.protect(kernel.map, at(from), at(to), VmProt.READ | VmProt.WRITE, true);
      case INHERIT -> protection.inherit(kernel.map, at(from), at(to), step.choice());
      case WIRE -> kernel.wire(from, to);
      case UNWIRE -> kernel.unwire(from, to);
      case CLIP -> {
        clip(kernel, from);
        yield KernReturn.SUCCESS;
      }
    };
  }

  /** Cuts and leaves it so, as a failed vm_map_protect does. */
  private static void clip(MapKernel kernel, int at) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      kernel.map.lock();
      VmMapEntry entry = kernel.map.lookupEntry(at(at));
      if (kernel.map.isIn(entry, at(at))) {
        kernel.vm.maps().clipping().clipStart(kernel.map, entry, at(at), reservation);
      }
      kernel.map.unlock();
    }
  }

  private static KernReturn apply(MapModel model, Step step, int key) {
    int from = step.from();
    int to = step.to();
    switch (step.kind()) {
      case INSERT -> {
        return insert(model, step, key);
      }
      case DELETE -> {
        simplifyBeforeCut(model, from);
        model.remove(from, to);
        return KernReturn.SUCCESS;
      }
      case PROTECT -> {
        return protect(model, from, to, step.prot(), false);
      }
      case SET_MAXIMUM -> {
        return protect(model, from, to, VmProt.READ | VmProt.WRITE, true);
      }
      case INHERIT -> {
        return inherit(model, from, to, step.choice());
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

  private static KernReturn insert(MapModel model, Step step, int key) {
    int from = step.from();
    int to = step.to();
    if (from >= to) {
      return KernReturn.INVALID_ADDRESS;
    }
    if (!model.isFree(from, to)) {
      return KernReturn.NO_SPACE;
    }
    var interval = new MapModel.Interval(to, step.prot(), VmProt.ALL, Inheritance.COPY, 0, key);
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

  private static void compare(MapKernel kernel, MapModel model, Step step) {
    List<String> expected = new ArrayList<>();
    new TreeMap<>(model.intervals)
        .forEach(
            (start, i) ->
                expected.add(
                    String.join(
                        " ",
                        start + "-" + i.end(),
                        "" + i.prot(),
                        "" + i.maxProt(),
                        "" + i.inheritance(),
                        "" + i.wired())));
    List<String> found = new ArrayList<>();
    for (VmMapEntry e = kernel.map.first(); e != kernel.map.header(); e = e.next()) {
      found.add(
          String.join(
              " ",
              (e.start - at(0)) / PAGE + "-" + (e.end - at(0)) / PAGE,
              "" + e.protection(),
              "" + e.maxProtection(),
              "" + e.inheritance(),
              "" + e.wiredCount()));
    }
    assertThat(found).as("after %s", step).isEqualTo(expected);
    assertThat(kernel.map.nentries()).isEqualTo(expected.size());
    assertThat(kernel.map.size()).isEqualTo(model.size() * PAGE);
  }
}
