package dev.kmemu.vm.model;

import dev.kmemu.vm.KernelVm;
import java.util.function.Supplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;
import net.jqwik.api.state.Action;
import net.jqwik.api.state.ActionChain;
import net.jqwik.api.state.ActionChainArbitrary;
import net.jqwik.api.state.Transformer;

/** Random operations of every kind. */
public final class Steps {

  private static final int PAGE = (int) MapModel.PAGE;

  private Steps() {}

  /** Returns chains of up to {@code length} operations, each on a VM of its own. */
  public static ActionChainArbitrary<Stage> chains(Supplier<KernelVm> vm, int length) {
    return ActionChain.startWith(() -> new Stage(vm.get()))
        .withAction(10, action(allocations()))
        .withAction(5, action(releases()))
        .withAction(2, action(suballocations()))
        .withAction(6, action(rangeChanges()))
        .withAction(7, action(touches()))
        .withMaxTransformations(length);
  }

  private static Action.Independent<Stage> action(Arbitrary<? extends Step> steps) {
    return () -> steps.map(step -> (Transformer<Stage>) step);
  }

  private static Arbitrary<Step> allocations() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(Allocation.Routine.KMEM_ALLOC)),
                Tuple.of(5, Arbitraries.of(Allocation.Routine.class))),
            mapIndexes(),
            sizes(),
            Arbitraries.of(1L, 2L, 3L, 8L))
        .as(Allocation::new);
  }

  /** Mostly a few pages, or not quite as much; now and then what can't be. */
  private static Arbitrary<Long> sizes() {
    Arbitrary<Long> pages = Arbitraries.longs().between(1, 9).map(count -> count * PAGE);
    return Arbitraries.frequencyOf(
        Tuple.of(10, pages),
        Tuple.of(4, Arbitraries.longs().between(1, 9 * PAGE)),
        Tuple.of(1, Arbitraries.of(0L, -1L, -4095L, -4096L, Long.MIN_VALUE, 40L * PAGE)));
  }

  private static Arbitrary<Step> releases() {
    Arbitrary<Long> sizes =
        Arbitraries.frequencyOf(Tuple.of(6, sizes()), Tuple.of(1, Arbitraries.just(0L)));
    Arbitrary<Integer> shifts =
        Arbitraries.frequencyOf(
            Tuple.of(2, Arbitraries.just(0)), Tuple.of(1, Arbitraries.integers().between(1, 4095)));
    return Combinators.combine(
            Arbitraries.of(false, false, true),
            Combinators.combine(mapIndexes(), pages(), shifts, sizes).as(Place::new))
        .as(Release::new);
  }

  private static Arbitrary<Step> suballocations() {
    return Combinators.combine(
            mapIndexes(), Arbitraries.integers().between(6, 20), Arbitraries.of(false, true))
        .as(Suballocation::new);
  }

  private static Arbitrary<Step> rangeChanges() {
    return Combinators.combine(
            Arbitraries.of(RangeChange.Kind.class), wholePages(Arbitraries.longs().between(1, 9)))
        .as(RangeChange::new);
  }

  private static Arbitrary<Step> touches() {
    return Combinators.combine(
            Arbitraries.of(false, true), wholePages(Arbitraries.longs().between(1, 100)))
        .as(Touch::new);
  }

  private static Arbitrary<Place> wholePages(Arbitrary<Long> count) {
    return Combinators.combine(mapIndexes(), pages(), count)
        .as((map, page, pages) -> new Place(map, page, 0, pages * PAGE));
  }

  private static Arbitrary<Integer> mapIndexes() {
    return Arbitraries.integers().between(0, Stage.MAX_MAPS - 1);
  }

  private static Arbitrary<Integer> pages() {
    return Arbitraries.integers().between(0, 15);
  }
}
