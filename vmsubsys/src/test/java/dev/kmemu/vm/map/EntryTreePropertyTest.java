package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmArith;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** The tree against a sorted map, and its search for gaps against a walk. */
class EntryTreePropertyTest {

  private static final int SLOTS = 200;

  // Around 2^63, so that a signed comparison anywhere shows.
  private static final long BASE = Long.parseUnsignedLong("7fffffffffffff80", 16);

  record Step(boolean insert, int slot, int length) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(true, true, false),
            Arbitraries.integers().between(0, SLOTS - 1),
            Arbitraries.integers().between(1, 6))
        .as(Step::new)
        .list()
        .ofMaxSize(120);
  }

  @Property(tries = 200)
  void floorsAndGapsAreThoseOfASortedMap(@ForAll("steps") List<Step> steps) {
    VmMapEntry header = new VmMapEntry();
    header.start = BASE;
    header.end = BASE + SLOTS;
    EntryTree tree = new EntryTree(header);
    TreeMap<Long, VmMapEntry> model = new TreeMap<>(Long::compareUnsigned);
    for (Step step : steps) {
      long start = BASE + step.slot();
      VmMapEntry at = model.containsKey(start) ? model.get(start) : null;
      if (!step.insert() && at != null) {
        model.remove(start);
        VmMapEntry before = at.prev;
        tree.remove(at);
        before.next = at.next;
        at.next.prev = before;
        tree.refresh(before);
      } else if (step.insert() && isFree(model, start, start + step.length())) {
        VmMapEntry entry = new VmMapEntry();
        entry.start = start;
        entry.end = start + step.length();
        VmMapEntry before = tree.floor(start);
        entry.prev = before;
        entry.next = before.next;
        before.next.prev = entry;
        before.next = entry;
        tree.insert(entry);
        tree.refresh(before);
        model.put(start, entry);
      }
      assertThat(tree.matches(header.next)).isTrue();
    }
    for (int slot = 0; slot < SLOTS; slot++) {
      var floor = model.floorEntry(BASE + slot);
      assertThat(tree.floor(BASE + slot)).isSameAs(floor == null ? header : floor.getValue());
    }
    for (long length = 0; length < 8; length++) {
      for (VmMapEntry e = header; ; e = e.next) {
        assertThat(tree.nextWithGap(e, length)).isSameAs(walkToGap(header, e, length));
        if (e.next == header) {
          break;
        }
      }
    }
  }

  private static boolean isFree(Map<Long, VmMapEntry> model, long start, long end) {
    return !VmArith.below(BASE + SLOTS, end)
        && model.values().stream()
            .allMatch(e -> !VmArith.below(e.start, end) || !VmArith.below(start, e.end));
  }

  private static @Nullable VmMapEntry walkToGap(VmMapEntry header, VmMapEntry from, long length) {
    for (VmMapEntry e = from.next; e != header; e = e.next) {
      long gapEnd = e.next == header ? header.end : e.next.start;
      if (gapEnd - e.end >= length) {
        return e;
      }
    }
    return null;
  }
}
