package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The pair in fully nested mode with edges, against sets of lines. */
class PicModelTest {

  /** What an acknowledge cycle for nothing is answered with: the master's line 7. */
  private static final int SPURIOUS = 0x27;

  private enum Kind {
    PULSE,
    ACKNOWLEDGE,
    END,
    MASK
  }

  private record Step(Kind kind, int line) {}

  /** The order in which lines are served: the slave's stand in for the master's 2. */
  private static int rank(int line) {
    return line < 2 ? line : line >= 8 ? line - 6 : line + 7;
  }

  private static int lineOf(int rank) {
    return rank < 2 ? rank : rank < 10 ? rank + 6 : rank - 7;
  }

  private static final class Model {
    final TreeSet<Integer> requested = new TreeSet<>();
    final TreeSet<Integer> inService = new TreeSet<>();
    final TreeSet<Integer> masked = new TreeSet<>();

    /** Returns the rank that is due, or -1. */
    int due() {
      for (int rank : requested) {
        if (!masked.contains(rank)) {
          // While one line of the slave is served, the master holds back all of them.
          boolean free = inService.isEmpty() || bank(rank) < bank(inService.first());
          return free ? rank : -1;
        }
      }
      return -1;
    }

    private static int bank(int rank) {
      return rank < 2 ? rank : rank < 10 ? 2 : rank;
    }
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<Integer> lines = Arbitraries.integers().between(0, 15).filter(line -> line != 2);
    return Combinators.combine(Arbitraries.of(Kind.class), lines)
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(80);
  }

  @Property(tries = 2000)
  void thePairServesWhatTheModelServes(@ForAll("steps") List<Step> steps) {
    PicPair pic = new PicPair(() -> {});
    for (int[] command :
        new int[][] {
          {0x20, 0x11},
          {0xA0, 0x11},
          {0x21, 0x20},
          {0xA1, 0x28},
          {0x21, 4},
          {0xA1, 2},
          {0x21, 1},
          {0xA1, 1}
        }) {
      pic.write(command[0], 1, command[1]);
    }
    Model model = new Model();
    for (Step step : steps) {
      int rank = rank(step.line());
      switch (step.kind()) {
        case PULSE -> {
          pic.pin(step.line()).pulse();
          model.requested.add(rank);
        }
        case MASK -> {
          if (!model.masked.remove(rank)) {
            model.masked.add(rank);
          }
          int mask = model.masked.stream().mapToInt(r -> 1 << lineOf(r)).sum();
          pic.write(0x21, 1, mask & 0xFF);
          pic.write(0xA1, 1, mask >> 8);
        }
        case END -> end(pic, model);
        case ACKNOWLEDGE -> {
          int due = model.due();
          assertThat(pic.acknowledge()).isEqualTo(due < 0 ? SPURIOUS : 0x20 + lineOf(due));
          if (due >= 0) {
            model.requested.remove(due);
            model.inService.add(due);
          }
        }
      }
      assertThat(pic.isPending()).as("after %s", step).isEqualTo(model.due() >= 0);
    }
  }

  /** As a handler ends: the slave first where it is the slave's. */
  private static void end(PicPair pic, Model model) {
    if (model.inService.isEmpty()) {
      return;
    }
    int ended = model.inService.pollFirst();
    if (lineOf(ended) >= 8) {
      pic.write(0xA0, 1, 0x20);
    }
    pic.write(0x20, 1, 0x20);
  }
}
