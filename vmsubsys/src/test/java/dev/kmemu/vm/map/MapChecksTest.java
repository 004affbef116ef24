package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of maps, broken by hand in a user map, is found. */
class MapChecksTest {

  private final MapKernel kernel = new MapKernel();

  @BeforeEach
  void someEntries() {
    kernel.backed(0, 2, 0);
    kernel.backed(2, 4, 0);
    kernel.check();
  }

  private void assertFinds(String invariant) {
    assertThat(kernel.vm.check())
        .anySatisfy(
            violation -> {
              assertThat(violation.invariant()).isEqualTo(invariant);
              assertThat(violation.object()).isNotBlank();
              assertThat(violation.expected()).isNotBlank().isNotEqualTo(violation.actual());
              assertThat(violation.actual()).isNotBlank();
            });
  }

  @Test
  void aWrongCountOfEntries() {
    kernel.map.nentries++;
    assertFinds("M1");
  }

  @Test
  void aBrokenBackLink() {
    kernel.entry(2).prev = kernel.map.header;
    assertFinds("M1");
  }

  @Test
  void aGapThatTheTreeMistakes() {
    kernel.entry(2).maxGap += PAGE;
    assertFinds("M1");
  }

  @Test
  void entriesThatOverlap() {
    kernel.entry(0).end += PAGE;
    assertFinds("M2");
  }

  @Test
  void boundsWithinAPage() {
    kernel.entry(2).end -= 8;
    assertFinds("M2");
  }

  @Test
  void anEntryBeyondTheEndOfTheMap() {
    kernel.map.header.end = kernel.entry(2).start;
    assertFinds("M2");
  }

  @Test
  void aTreeThatLacksAnEntry() {
    VmMapEntry entry = kernel.entry(2);
    kernel.map.header.prev = entry.prev;
    entry.prev.next = kernel.map.header;
    assertFinds("M1");
  }

  @Test
  void anEmptyEntry() {
    kernel.entry(2).end = kernel.entry(2).start;
    assertFinds("M2");
  }

  @Test
  void aWrongSize() {
    kernel.map.size += PAGE;
    assertFinds("M3");
  }

  @Test
  void aHintOfAnEntryThatIsGone() {
    VmMapEntry gone = kernel.entry(2);
    kernel.remove(2, 4);
    kernel.map.hint = gone;
    assertFinds("M4");
  }

  @Test
  void aTransitionThatNobodyEnded() {
    kernel.entry(0).eflags |= EntryFlags.NEEDS_WAKEUP;
    assertFinds("M5");
  }

  @Test
  void protectionBeyondTheMaximum() {
    kernel.entry(0).maxProtection = VmProt.READ;
    assertFinds("M6");
  }

  @Test
  void anEntryThatIsUnwiredMoreOftenThanWired() {
    kernel.entry(0).wiredCount = -1;
    assertFinds("M6");
  }

  @Test
  void aUsersWireThatIsNotCounted() {
    kernel.entry(0).eflags |= EntryFlags.USER_WIRED;
    assertFinds("M6");
  }

  @Test
  void kernelMemoryAtAnotherOffset() {
    kernel.vm.kmem().alloc(kernel.vm.kernelMap(), PAGE).orThrow();
    kernel.vm.kernelMap().first().offset += PAGE;
    assertFinds("M7");
  }

  @Test
  void aSubmapThatIsNotItsEntry() {
    kernel.vm.kmem().suballoc(kernel.vm.kernelMap(), "sub", 2 * PAGE).map().header.end -= PAGE;
    assertFinds("M8");
  }

  @Test
  void aSubmapThatBeginsBelowItsEntry() {
    kernel.vm.kmem().suballoc(kernel.vm.kernelMap(), "sub", 2 * PAGE).map().header.start -= PAGE;
    assertFinds("M8");
  }

  @Test
  void aSubmapThatHoldsMoreThanItsSpan() {
    kernel.vm.kmem().suballoc(kernel.vm.kernelMap(), "sub", 2 * PAGE).map().size = 3 * PAGE;
    assertFinds("M8");
  }

  @Test
  void anObjectMadeOnDemandInASystemMap() {
    kernel.map.setSystemMap();
    assertFinds("M9");
  }

  @Test
  void anObjectOfANofaultEntry() {
    kernel.entry(0).eflags |= EntryFlags.NOFAULT;
    assertFinds("M11");
  }

  @Test
  void anObjectWithFewerReferencesThanEntries() {
    kernel.entry(2).object = kernel.entry(0).object;
    assertFinds("P3");
  }
}
