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

  private static final int SPACE = MapModelStep.SPACE;

  @Provide
  Arbitrary<List<MapModelStep>> steps() {
    return Combinators.combine(
            Arbitraries.of(MapModelStep.Kind.class),
            Arbitraries.integers().between(0, SPACE - 1),
            Arbitraries.integers().between(0, 12),
            Arbitraries.integers().between(0, 5))
        .as(MapModelStep::new)
        .list()
        .ofMaxSize(40);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void anOrdinaryMapHoldsWhatTheModelHolds(@ForAll("steps") List<MapModelStep> steps) {
    // Objects of its own keep entries from growing and merging where they are inserted.
    run(new MapKernel(), steps, true);
  }

  @Property(tries = 150, edgeCases = EdgeCasesMode.NONE)
  void aSystemMapHoldsWhatTheModelHolds(@ForAll("steps") List<MapModelStep> steps) {
    MapKernel kernel = new MapKernel();
    kernel.map.setSystemMap();
    run(kernel, steps, false);
  }

  private static void run(MapKernel kernel, List<MapModelStep> steps, boolean backed) {
    MapModel model = new MapModel();
    int key = 0;
    for (MapModelStep step : steps) {
      if (!backed
          && (step.kind() == MapModelStep.Kind.WIRE || step.kind() == MapModelStep.Kind.UNWIRE)) {
        // Nothing can be faulted into a null object of a system map.
        continue;
      }
      int timestamp = kernel.map.timestamp();
      KernReturn expected = step.apply(model, backed ? ++key : 0);
      assertThat(perform(kernel, step, backed)).as("%s", step).isEqualTo(expected);
      if (step.kind() != MapModelStep.Kind.INHERIT || expected == KernReturn.SUCCESS) {
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

  private static KernReturn perform(MapKernel kernel, MapModelStep step, boolean backed) {
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

  private static void compare(MapKernel kernel, MapModel model, MapModelStep step) {
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
