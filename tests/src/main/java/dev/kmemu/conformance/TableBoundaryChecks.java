package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That ranges end where they should at the boundaries of tables. */
public interface TableBoundaryChecks extends ConformanceChecks {

  /** Where tables of each level end: 2 MiB, 1 GiB, 512 GiB, and all three at once. */
  List<Long> BOUNDARIES =
      List.of(DATA + KvaLayout.NBPDR, DATA + (5L << 30), 3L << 39, KvaLayout.USER_END - (1L << 39));

  /** What changes pages around a boundary. */
  @FunctionalInterface
  interface Change {
    /** Changes them. */
    void apply(Pmap pmap, long boundary);
  }

  private void requireAtBoundaries(String change, Change task, List<Integer> kept) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          List<VmPage> pages = List.of(k.page(), k.page(), k.page(), k.page());
          for (long boundary : BOUNDARIES) {
            for (int i = 0; i < 4; i++) {
              space.pmap().enter(boundary + (i - 2) * PAGE, pages.get(i), RW, false);
            }
            task.apply(space.pmap(), boundary);
            for (int i = 0; i < 4; i++) {
              long va = boundary + (i - 2) * PAGE;
              assertThat(guest.store(va, i))
                  .as("store to page %d around the boundary 0x%x after %s", i - 2, boundary, change)
                  .isEqualTo(kept.contains(i - 2) ? DONE : FAULT);
            }
          }
        });
  }

  @Test
  default void removingUpToABoundaryLeavesWhatIsBehind() {
    requireAtBoundaries(
        "pmap_remove of the page below", (pmap, b) -> pmap.remove(b - PAGE, b), List.of(-2, 0, 1));
  }

  @Test
  default void removingFromABoundaryLeavesWhatIsBefore() {
    requireAtBoundaries(
        "pmap_remove of the page above", (pmap, b) -> pmap.remove(b, b + PAGE), List.of(-2, -1, 1));
  }

  @Test
  default void removingAcrossABoundaryEndsWhereItShould() {
    requireAtBoundaries(
        "pmap_remove of a page on each side",
        (pmap, b) -> pmap.remove(b - PAGE, b + PAGE),
        List.of(-2, 1));
  }

  @Test
  default void removingWholeTablesLeavesTheirNeighbours() {
    requireAtBoundaries(
        "pmap_remove of the 2 MiB above",
        (pmap, b) -> pmap.remove(b, b + KvaLayout.NBPDR),
        List.of(-2, -1));
  }

  @Test
  default void removingTheTablesBeforeABoundaryLeavesWhatIsBehind() {
    requireAtBoundaries(
        "pmap_remove of the 6 MiB below",
        (pmap, b) -> pmap.remove(b - 3 * KvaLayout.NBPDR, b),
        List.of(0, 1));
  }

  @Test
  default void removingPagesAcrossABoundaryEndsWhereItShould() {
    requireAtBoundaries(
        "pmap_remove_pages of a page on each side",
        (pmap, b) -> pmap.removePages(b - PAGE, b + PAGE),
        List.of(-2, 1));
  }

  @Test
  default void removingPagesUpToABoundaryLeavesWhatIsBehind() {
    requireAtBoundaries(
        "pmap_remove_pages of two pages below",
        (pmap, b) -> pmap.removePages(b - 2 * PAGE, b),
        List.of(0, 1));
  }

  @Test
  default void protectingUpToABoundaryLeavesWhatIsBehind() {
    requireAtBoundaries(
        "pmap_protect of the page below",
        (pmap, b) -> pmap.protect(b - PAGE, b, VmProt.READ),
        List.of(-2, 0, 1));
  }

  @Test
  default void protectingFromABoundaryLeavesWhatIsBefore() {
    requireAtBoundaries(
        "pmap_protect of the page above",
        (pmap, b) -> pmap.protect(b, b + PAGE, VmProt.READ),
        List.of(-2, -1, 1));
  }

  @Test
  default void protectingAcrossABoundaryEndsWhereItShould() {
    requireAtBoundaries(
        "pmap_protect of a page on each side",
        (pmap, b) -> pmap.protect(b - PAGE, b + PAGE, VmProt.READ),
        List.of(-2, 1));
  }

  @Test
  default void protectingWholeTablesLeavesTheirNeighbours() {
    requireAtBoundaries(
        "pmap_protect of the 4 MiB above",
        (pmap, b) -> pmap.protect(b, b + 2 * KvaLayout.NBPDR, VmProt.READ),
        List.of(-2, -1));
  }

  @Test
  default void theFirstAndTheLastPageOfUsersAreLikeOthers() {

    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          VmPage page = k.page();
          // The page at 0x400000 is the program's.
          for (long va : new long[] {0, KvaLayout.USER_END - PAGE}) {
            space.pmap().enter(va, page, RW, false);
            assertThat(guest.load(va)).as("load of the page at 0x%x", va).isEqualTo(k.word(page));
            space.pmap().protect(va, va + PAGE, VmProt.READ);
            assertThat(guest.store(va, 1))
                .as("store after pmap_protect at 0x%x", va)
                .isEqualTo(FAULT);
            space.pmap().remove(va, va + PAGE);
            assertThat(guest.load(va)).as("load after pmap_remove at 0x%x", va).isEqualTo(FAULT);
          }
        });
  }

  @Test
  default void kernelRangesEndWhereTheyShouldAtATableToo() {

    onKernel(
        k -> {
          long block = k.kva(1026);
          long b = (block + KvaLayout.NBPDR) & -KvaLayout.NBPDR;
          Pmap pmap = k.kernelPmap();
          VmPage page = k.page();
          pmap.enter(b - PAGE, page, RW, false);
          pmap.enter(b, page, RW, false);
          pmap.enter(b + PAGE, page, RW, false);
          pmap.protect(b - PAGE, b, VmProt.READ);
          assertThat(k.ring0().store(b - PAGE, 1))
              .as("store below the boundary after pmap_protect there")
              .isEqualTo(FAULT);
          assertThat(k.ring0().store(b, 1)).as("store above it").isEqualTo(DONE);
          pmap.remove(b - PAGE, b + PAGE);
          assertThat(pmap.extract(b - PAGE)).as("the page below, removed").isZero();
          assertThat(pmap.extract(b)).as("the page above, removed").isZero();
          assertThat(k.ring0().store(b + PAGE, 1)).as("store behind the range").isEqualTo(DONE);
        });
  }
}
