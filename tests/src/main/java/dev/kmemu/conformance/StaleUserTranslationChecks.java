package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import org.junit.jupiter.api.Test;

/** That a change in the space on the CPU is seen by a TLB that has the old translation. */
public interface StaleUserTranslationChecks extends ConformanceChecks {

  private void requireNoLoad(String routine, UserChange change) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          assertThat(guest.loadAgainAfter(at.va(), () -> change.apply(k, at)))
              .as("a load at CPL 3 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(FAULT);
        });
  }

  private void requireNoStore(String routine, UserChange change) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          assertThat(guest.storeAgainAfter(at.va(), 1, () -> change.apply(k, at)))
              .as("a store at CPL 3 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(FAULT);
        });
  }

  private void requireOther(String routine, UserChange change) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          assertThat(guest.loadAgainAfter(at.va(), () -> change.apply(k, at)))
              .as("a load at CPL 3 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(k.word(at.other()));
        });
  }

  /** What changes the mapping. */
  @FunctionalInterface
  interface UserChange {
    /** Changes it. */
    void apply(TestedKernel kernel, Mapped at);
  }

  @Test
  default void aRemovedPageIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "pmap_remove of one page",
        (k, at) -> {
          at.pmap().remove(at.va(), at.va() + PAGE);
        });
  }

  @Test
  default void aPageInARemovedRangeIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "pmap_remove of a range",
        (k, at) -> {
          at.pmap().remove(at.start(), at.end());
        });
  }

  @Test
  default void aPageOfRemovedPagesIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "pmap_remove_pages",
        (k, at) -> {
          at.pmap().removePages(at.start(), at.end());
        });
  }

  @Test
  default void aPageProtectedFromReadingIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "pmap_protect with NONE",
        (k, at) -> {
          at.pmap().protect(at.start(), at.end(), VmProt.NONE);
        });
  }

  @Test
  default void aProtectedPageIsntWrittenThroughTheTlbOfAUser() {
    requireNoStore(
        "pmap_protect of one page",
        (k, at) -> {
          at.pmap().protect(at.va(), at.va() + PAGE, VmProt.READ);
        });
  }

  @Test
  default void aPageInAProtectedRangeIsntWrittenThroughTheTlbOfAUser() {
    requireNoStore(
        "pmap_protect of a range",
        (k, at) -> {
          at.pmap().protect(at.start(), at.end(), VmProt.READ);
        });
  }

  @Test
  default void aPageEnteredReadOnlyIsntWrittenThroughTheTlbOfAUser() {
    requireNoStore(
        "pmap_enter without WRITE",
        (k, at) -> {
          at.pmap().enter(at.va(), at.page(), VmProt.READ, false);
        });
  }

  @Test
  default void anotherPageIsSeenAtOnceOfAUser() {
    requireOther(
        "pmap_enter of another page",
        (k, at) -> {
          at.pmap().enter(at.va(), at.other(), RW, false);
        });
  }

  @Test
  default void aPageRemovedAndEnteredAnewIsSeenAtOnceOfAUser() {
    requireOther(
        "pmap_remove and pmap_enter",
        (k, at) -> {
          at.pmap().remove(at.start(), at.end());
          at.pmap().enter(at.va(), at.other(), RW, false);
        });
  }

  @Test
  default void aPageProtectedEverywhereIsntWrittenThroughTheTlbOfAUser() {
    requireNoStore(
        "pmap_page_protect with READ",
        (k, at) -> {
          k.pageProtect(at.page(), VmProt.READ);
        });
  }

  @Test
  default void aPageUnmappedEverywhereIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "pmap_page_protect with NONE",
        (k, at) -> {
          k.pageProtect(at.page(), VmProt.NONE);
        });
  }

  @Test
  default void aStrippedPageIsntReadThroughTheTlbOfAUser() {
    requireNoLoad(
        "the flush after a strip",
        (k, at) -> {
          k.hold(
              () -> {
                k.kernelPmap().mappings().strip(at.page());
                k.kernelPmap().mappings().flush();
              });
        });
  }
}
