package dev.kmemu.vm.space;

import dev.kmemu.vm.space.SpaceStep.Kind;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * Lives of families of processes: each maps and writes memory, forks, locks and shares it in some
 * order, writes again, and ends one process after the other. Steps of any order seldom come that
 * far with one page: a single write before a lock takes away what is interesting about it.
 */
public final class Families {

  private Families() {}

  /** Returns {@code count} families, one after the other. */
  public static Arbitrary<List<List<SpaceStep>>> inTurn(int count) {
    return family().list().ofSize(count);
  }

  private static Arbitrary<List<SpaceStep>> family() {
    Arbitrary<List<SpaceStep>> birth = only(Kind.MAP, 1);
    Arbitrary<List<SpaceStep>> writes = only(Kind.STORE, 2);
    Arbitrary<List<SpaceStep>> fork = only(Kind.FORK, 1);
    Arbitrary<List<SpaceStep>> sharing =
        SpaceStep.steps(
                Arbitraries.frequency(
                    Tuple.of(3, Kind.INHERIT_SHARE),
                    Tuple.of(2, Kind.PROTECT_READ),
                    Tuple.of(2, Kind.LOCK)))
            .list()
            .ofSize(2);
    Arbitrary<List<SpaceStep>> locking =
        SpaceStep.steps(
                Arbitraries.frequency(
                    Tuple.of(3, Kind.LOCK),
                    Tuple.of(3, Kind.PROTECT_READ),
                    Tuple.of(1, Kind.INHERIT_SHARE)))
            .list()
            .ofSize(3);
    Arbitrary<List<SpaceStep>> writing =
        SpaceStep.steps(
                Arbitraries.frequency(Tuple.of(2, Kind.PROTECT_ALL), Tuple.of(3, Kind.STORE)))
            .list()
            .ofSize(5);
    Arbitrary<List<SpaceStep>> decline =
        SpaceStep.steps(
                Arbitraries.of(
                    Kind.EXIT, Kind.EXIT, Kind.UNLOCK_ALL, Kind.PAGE_OUT, Kind.STORE, Kind.LOAD))
            .list()
            .ofSize(4);
    Arbitrary<List<SpaceStep>> end = only(Kind.BEGIN_ANEW, 1);
    return Combinators.combine(
            List.of(birth, writes, fork, sharing, fork, locking, writing, decline, end))
        .as(parts -> parts.stream().flatMap(List::stream).toList());
  }

  private static Arbitrary<List<SpaceStep>> only(Kind kind, int times) {
    return SpaceStep.steps(Arbitraries.just(kind)).list().ofSize(times);
  }
}
