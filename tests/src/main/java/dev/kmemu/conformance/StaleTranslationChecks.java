package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import org.junit.jupiter.api.Test;

/** That a change in the kernel is seen by a CPU whose TLB has the old translation. */
public interface StaleTranslationChecks extends ConformanceChecks {

  private void requireNoLoad(String routine, KernelChange change) {
    onKernel(
        k -> {
          Mapped at = Mapped.inKernel(k);
          assertThat(k.ring0().loadAgainAfter(at.va(), () -> change.apply(k, at)))
              .as("a load at CPL 0 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(FAULT);
        });
  }

  private void requireNoStore(String routine, KernelChange change) {
    onKernel(
        k -> {
          Mapped at = Mapped.inKernel(k);
          assertThat(k.ring0().storeAgainAfter(at.va(), 1, () -> change.apply(k, at)))
              .as("a store at CPL 0 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(FAULT);
        });
  }

  private void requireOther(String routine, KernelChange change) {
    onKernel(
        k -> {
          Mapped at = Mapped.inKernel(k);
          assertThat(k.ring0().loadAgainAfter(at.va(), () -> change.apply(k, at)))
              .as("a load at CPL 0 that is repeated after %s (TLB not flushed?)", routine)
              .isEqualTo(k.word(at.other()));
        });
  }

  /** What changes the mapping. */
  @FunctionalInterface
  interface KernelChange {
    /** Changes it. */
    void apply(TestedKernel kernel, Mapped at);
  }

  @Test
  default void aRemovedPageIsntReadThroughTheTlbInTheKernel() {
    requireNoLoad(
        "pmap_remove of one page",
        (k, at) -> {
          at.pmap().remove(at.va(), at.va() + PAGE);
        });
  }

  @Test
  default void aPageInARemovedRangeIsntReadThroughTheTlbInTheKernel() {
    requireNoLoad(
        "pmap_remove of a range",
        (k, at) -> {
          at.pmap().remove(at.start(), at.end());
        });
  }

  @Test
  default void aPageOfRemovedPagesIsntReadThroughTheTlbInTheKernel() {
    requireNoLoad(
        "pmap_remove_pages",
        (k, at) -> {
          at.pmap().removePages(at.start(), at.end());
        });
  }

  @Test
  default void aPageProtectedFromReadingIsntReadThroughTheTlbInTheKernel() {
    requireNoLoad(
        "pmap_protect with NONE",
        (k, at) -> {
          at.pmap().protect(at.start(), at.end(), VmProt.NONE);
        });
  }

  @Test
  default void aProtectedPageIsntWrittenThroughTheTlbInTheKernel() {
    requireNoStore(
        "pmap_protect of one page",
        (k, at) -> {
          at.pmap().protect(at.va(), at.va() + PAGE, VmProt.READ);
        });
  }

  @Test
  default void aPageInAProtectedRangeIsntWrittenThroughTheTlbInTheKernel() {
    requireNoStore(
        "pmap_protect of a range",
        (k, at) -> {
          at.pmap().protect(at.start(), at.end(), VmProt.READ);
        });
  }

  @Test
  default void aPageEnteredReadOnlyIsntWrittenThroughTheTlbInTheKernel() {
    requireNoStore(
        "pmap_enter without WRITE",
        (k, at) -> {
          at.pmap().enter(at.va(), at.page(), VmProt.READ, false);
        });
  }

  @Test
  default void anotherPageIsSeenAtOnceInTheKernel() {
    requireOther(
        "pmap_enter of another page",
        (k, at) -> {
          at.pmap().enter(at.va(), at.other(), RW, false);
        });
  }

  @Test
  default void aPageRemovedAndEnteredAnewIsSeenAtOnceInTheKernel() {
    requireOther(
        "pmap_remove and pmap_enter",
        (k, at) -> {
          at.pmap().remove(at.start(), at.end());
          at.pmap().enter(at.va(), at.other(), RW, false);
        });
  }

  @Test
  default void aPageProtectedEverywhereIsntWrittenThroughTheTlbInTheKernel() {
    requireNoStore(
        "pmap_page_protect with READ",
        (k, at) -> {
          k.pageProtect(at.page(), VmProt.READ);
        });
  }

  @Test
  default void aPageUnmappedEverywhereIsntReadThroughTheTlbInTheKernel() {
    requireNoLoad(
        "pmap_page_protect with NONE",
        (k, at) -> {
          k.pageProtect(at.page(), VmProt.NONE);
        });
  }

  @Test
  default void aStrippedPageIsntReadThroughTheTlbInTheKernel() {
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
