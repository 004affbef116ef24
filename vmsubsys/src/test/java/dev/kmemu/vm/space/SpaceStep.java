package dev.kmemu.vm.space;

import java.util.List;
import java.util.Locale;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/**
 * One operation.
 *
 * @param kind what is done
 * @param space which of the spaces it is done on, modulo their number
 * @param page the first page, modulo the number of pages
 * @param count how many pages, for what takes a range
 */
public record SpaceStep(Kind kind, int space, int page, int count) {

  private static final int MOST_PAGES = 4;

  /** What can be done. */
  public enum Kind {
    LOAD,
    STORE,
    MAP,
    MAP_FOR_READING,
    UNMAP,
    PROTECT_NOTHING,
    PROTECT_READ,
    PROTECT_ALL,
    INHERIT_SHARE,
    INHERIT_COPY,
    INHERIT_NONE,
    LOCK,
    UNLOCK,
    UNLOCK_ALL,
    WIRE,
    FORK,
    UNSHARE,
    EXEC,
    EXIT,
    BEGIN_ANEW,
    PAGE_OUT
  }

  /** Returns sequences of operations. */
  public static Arbitrary<List<SpaceStep>> sequences(int most) {
    return steps(
            Arbitraries.frequency(
                Tuple.of(12, Kind.LOAD),
                Tuple.of(16, Kind.STORE),
                Tuple.of(10, Kind.MAP),
                Tuple.of(1, Kind.MAP_FOR_READING),
                Tuple.of(4, Kind.UNMAP),
                Tuple.of(2, Kind.PROTECT_NOTHING),
                Tuple.of(3, Kind.PROTECT_READ),
                Tuple.of(5, Kind.PROTECT_ALL),
                Tuple.of(5, Kind.INHERIT_SHARE),
                Tuple.of(2, Kind.INHERIT_COPY),
                Tuple.of(2, Kind.INHERIT_NONE),
                Tuple.of(6, Kind.LOCK),
                Tuple.of(3, Kind.UNLOCK),
                Tuple.of(4, Kind.WIRE),
                Tuple.of(7, Kind.FORK),
                Tuple.of(1, Kind.UNSHARE),
                Tuple.of(1, Kind.EXEC),
                Tuple.of(4, Kind.EXIT),
                Tuple.of(5, Kind.PAGE_OUT)))
        .list()
        .ofMinSize(most / 4)
        .ofMaxSize(most);
  }

  static Arbitrary<SpaceStep> steps(Arbitrary<Kind> kinds) {
    return Combinators.combine(
            kinds,
            Arbitraries.integers().between(0, SpaceStage.MOST_SPACES - 1),
            Arbitraries.integers().between(0, SpaceStage.PAGES - 1),
            Arbitraries.integers().between(1, MOST_PAGES))
        .as(SpaceStep::new);
  }

  @Override
  public String toString() {
    String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return switch (kind) {
      case LOAD, STORE -> String.format("%s %d of space %d", name, page, space);
      case UNLOCK_ALL, FORK, UNSHARE, EXEC, EXIT -> String.format("%s of space %d", name, space);
      case BEGIN_ANEW, PAGE_OUT -> name;
      default -> String.format("%s %d+%d of space %d", name, page, count, space);
    };
  }
}
