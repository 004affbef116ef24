package dev.kmemu.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.mmu.AccessKind;
import dev.kmemu.emulator.mmu.PageTableEntry;
import dev.kmemu.emulator.mmu.PageTableLevel;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import dev.kmemu.walk.Difference.Aspect;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Equality means something only if its absence shows. */
class DifferencesAreNoticedTest {

  private static final Controls PLAIN = new Controls(true, false, false, false, true, false, false);
  private static final long OPEN =
      PageTableEntry.PRESENT | PageTableEntry.WRITABLE | PageTableEntry.USER;

  private final List<Difference> found = new ArrayList<>();
  private final WalkMachine machine = new WalkMachine(UnicornLoader.load(), false);
  private final WalkBatch batch = new WalkBatch(machine, found::add);

  @AfterEach
  void close() {
    machine.close();
  }

  private void walkUnder(Controls predicted, Controls actual) {
    machine.set(actual.mode(WalkLayout.PML4));
    batch.fill(predicted, new RandomEntries(1));
    batch.runAndCompare();
  }

  @Test
  void nothingDiffersWhenTheControlsAreTheSame() {
    walkUnder(PLAIN, PLAIN);
    assertThat(found).allMatch(one -> KnownDifference.of(one).isPresent());
  }

  @Test
  void anotherWriteProtection() {
    walkUnder(PLAIN, new Controls(false, false, false, false, true, false, false));
    assertThat(found).extracting(Difference::aspect).contains(Aspect.VECTOR, Aspect.MARKS);
    assertThat(found)
        .filteredOn(one -> one.aspect() == Aspect.VECTOR)
        .extracting(Difference::kind)
        .containsOnly(AccessKind.WRITE);
  }

  @Test
  void anotherSmep() {
    walkUnder(PLAIN, new Controls(true, true, false, false, true, false, false));
    assertThat(found)
        .filteredOn(one -> one.aspect() == Aspect.VECTOR)
        .isNotEmpty()
        .extracting(Difference::kind)
        .containsOnly(AccessKind.FETCH);
  }

  @Test
  void anotherSmap() {
    walkUnder(PLAIN, new Controls(true, false, true, false, true, false, false));
    assertThat(found)
        .filteredOn(one -> one.aspect() == Aspect.VECTOR)
        .extracting(Difference::kind)
        .contains(AccessKind.READ, AccessKind.WRITE)
        .doesNotContain(AccessKind.FETCH);
  }

  @Test
  void anotherNoExecute() {
    walkUnder(PLAIN, new Controls(true, false, false, false, false, false, false));
    assertThat(found).extracting(Difference::aspect).contains(Aspect.VECTOR, Aspect.ERROR_CODE);
  }

  @Test
  void anEntryThatChangesBehindThePrediction() {
    Iterator<AccessKind> kinds = List.of(AccessKind.values()).iterator();
    machine.set(PLAIN.mode(WalkLayout.PML4));
    batch.fill(PLAIN, slot -> kinds.hasNext() ? open(slot, kinds.next()) : null);
    for (int slot = 1; slot <= AccessKind.values().length; slot++) {
      long moved = EntryBits.withAddress(slot, PageTableLevel.PT, OPEN, 9);
      machine.store(WalkLayout.entryAt(slot, PageTableLevel.PT), moved);
    }
    batch.runAndCompare();
    assertThat(found)
        .filteredOn(one -> one.aspect() == Aspect.DATA)
        .extracting(Difference::kind)
        .containsExactly(AccessKind.values());
  }

  private static Combination open(int slot, AccessKind kind) {
    return Combination.of(level -> EntryBits.withAddress(slot, level, OPEN, 8), List.of(kind));
  }
}
