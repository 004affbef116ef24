package dev.kmemu.emulator.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingModel.Answer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/** Random tables in random modes: the walker and the access check against {@link PagingModel}. */
class RandomTablesTest {

  private static final int TABLES = 5;
  private static final int[] SLOTS = {0, 1, 256, 511};

  private record Scene(GuestTables tables, Map<Long, Long> memory) {}

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void anAccessDoesWhatTheManualSays(
      @ForAll("entries") List<Long> entries,
      @ForAll("modes") PagingMode mode,
      @ForAll("addresses") List<Long> addresses) {
    Scene scene = scene(entries);
    PagingModel model = new PagingModel(scene.memory, GuestTables.RAM_BYTES, mode);
    for (long va : addresses) {
      Translation translation = scene.tables.walk(mode, new VirtualAddress(va));
      for (AccessKind kind : AccessKind.values()) {
        for (int cpl : new int[] {0, 3}) {
          Answer expected = model.access(va, kind, cpl == 3);
          Statistics.collect(label(expected));
          assertThat(answer(mode, translation, kind, cpl))
              .as(() -> WalkReport.of(mode, new VirtualAddress(va), translation) + kind)
              .isEqualTo(expected);
        }
      }
    }
    // Every outcome must come up often enough to mean something.
    Statistics.coverage(
        checker -> {
          for (String outcome : List.of("ok", "absent", "forbidden", "reserved", "gp", "lost")) {
            checker.check(outcome).percentage(share -> share > 0.5);
          }
        });
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void aWalkChangesNothing(
      @ForAll("entries") List<Long> entries,
      @ForAll("modes") PagingMode mode,
      @ForAll("addresses") List<Long> addresses) {
    Scene scene = scene(entries);
    for (long va : addresses) {
      scene.tables.walk(mode, new VirtualAddress(va));
    }
    scene.memory.forEach(
        (address, entry) ->
            assertThat(scene.tables.ram.load64(new PhysicalAddress(address))).isEqualTo(entry));
  }

  private static String label(Answer answer) {
    if (!answer.what().equals("pf")) {
      return answer.what();
    }
    return switch ((int) answer.value() & 9) {
      case 0 -> "absent";
      case 1 -> "forbidden";
      default -> "reserved";
    };
  }

  /** Puts four entries into each of the tables at 0x1000, 0x2000 and so on. */
  private static Scene scene(List<Long> entries) {
    Scene scene = new Scene(new GuestTables(), new HashMap<>());
    scene.tables.ram.zero(new PhysicalAddress(0), GuestTables.RAM_BYTES);
    for (int i = 0; i < entries.size(); i++) {
      long address = 0x1000L * (1 + i / SLOTS.length) + 8L * SLOTS[i % SLOTS.length];
      scene.tables.store(address, entries.get(i));
      scene.memory.put(address, entries.get(i));
    }
    return scene;
  }

  private static Answer answer(PagingMode mode, Translation translation, AccessKind kind, int cpl) {
    AccessOutcome outcome = AccessCheck.check(mode, translation, kind, cpl);
    if (outcome instanceof AccessOutcome.PageFault fault) {
      return new Answer("pf", fault.errorCode());
    }
    if (outcome == AccessOutcome.GeneralProtection.INSTANCE) {
      return new Answer("gp", 0);
    }
    if (outcome instanceof AccessOutcome.Undefined) {
      return new Answer("lost", 0);
    }
    return new Answer("ok", PageWalkerTest.mapped(translation).physical().value());
  }

  @Provide
  Arbitrary<List<Long>> entries() {
    Arbitrary<Long> table = Arbitraries.integers().between(1, TABLES).map(i -> 0x1000L * i);
    Arbitrary<Long> large = Arbitraries.integers().between(0, 7).map(i -> (long) i << 30 | 0x80);
    Arbitrary<Long> address =
        Arbitraries.frequencyOf(
            Tuple.of(24, table),
            Tuple.of(4, large),
            Tuple.of(2, Arbitraries.just(GuestTables.RAM_BYTES)),
            Tuple.of(1, Arbitraries.longs()));
    // RW, US, A, D, G, PAT of large pages, a software bit; XD and reserved bits are rarer.
    Arbitrary<Long> flags =
        Arbitraries.frequencyOf(
            Tuple.of(12, anyOf(1, 2, 5, 6, 8)),
            Tuple.of(3, anyOf(1, 2, 12, 52, 63)),
            Tuple.of(1, anyOf(1, 2, 7, 13, 20, 29, 39, 40, 51, 63)));
    Arbitrary<Long> present =
        Arbitraries.frequency(Tuple.of(19, 7L), Tuple.of(12, 1L), Tuple.of(1, 0L));
    return Combinators.combine(address, flags, present)
        .as((a, f, p) -> a | f | p)
        .list()
        .ofSize(TABLES * SLOTS.length);
  }

  private static Arbitrary<Long> anyOf(Integer... bits) {
    return Arbitraries.of(bits).set().map(set -> set.stream().mapToLong(b -> 1L << b).sum());
  }

  @Provide
  Arbitrary<PagingMode> modes() {
    Arbitrary<Boolean> flag = Arbitraries.of(true, false);
    return Combinators.combine(flag, flag, flag, flag, flag, Arbitraries.of(36, 40, 52))
        .as(
            (wp, smep, smap, nxe, ac, bits) ->
                new PagingMode(
                    PagingMode.CR0_PG | (wp ? PagingMode.CR0_WP : 0),
                    GuestTables.PML4,
                    PagingMode.CR4_PAE
                        | (smep ? PagingMode.CR4_SMEP : 0)
                        | (smap ? PagingMode.CR4_SMAP : 0),
                    PagingMode.EFER_LME | (nxe ? PagingMode.EFER_NXE : 0),
                    ac ? PagingMode.RFLAGS_AC : 0,
                    bits));
  }

  @Provide
  Arbitrary<List<Long>> addresses() {
    Arbitrary<Long> slot = Arbitraries.of(0L, 1L, 256L, 511L);
    Arbitrary<Long> offset = Arbitraries.longs().between(0, 4095);
    Arbitrary<Long> hole = Arbitraries.longs().between(1L << 47, Long.MAX_VALUE);
    Arbitrary<Long> canonical =
        Combinators.combine(slot, slot, slot, slot, offset)
            .as((a, b, c, d, o) -> (a << 39 | b << 30 | c << 21 | d << 12 | o) << 16 >> 16);
    return Arbitraries.frequencyOf(Tuple.of(30, canonical), Tuple.of(1, hole)).list().ofSize(8);
  }
}
