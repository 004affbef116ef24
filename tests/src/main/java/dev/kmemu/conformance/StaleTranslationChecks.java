package dev.kmemu.conformance;

import org.junit.jupiter.api.Test;

/** That a change in the kernel is seen by a CPU whose TLB has the old translation. */
public interface StaleTranslationChecks extends ConformanceChecks {

  private void requireSeen(MappingChange change) {
    onKernel(k -> change.requireSeen(k, k.ring0(), 0, Mapped.inKernel(k)));
  }

  @Test
  default void aRemovedPageIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.PAGE_REMOVED);
  }

  @Test
  default void aPageInARemovedRangeIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.RANGE_REMOVED);
  }

  @Test
  default void aPageOfRemovedPagesIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.PAGES_REMOVED);
  }

  @Test
  default void aPageProtectedFromReadingIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.PROTECTED_FROM_READING);
  }

  @Test
  default void aProtectedPageIsntWrittenThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.PAGE_PROTECTED);
  }

  @Test
  default void aPageInAProtectedRangeIsntWrittenThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.RANGE_PROTECTED);
  }

  @Test
  default void aPageEnteredReadOnlyIsntWrittenThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.ENTERED_READ_ONLY);
  }

  @Test
  default void anotherPageIsSeenAtOnceInTheKernel() {
    requireSeen(MappingChange.OTHER_ENTERED);
  }

  @Test
  default void aPageRemovedAndEnteredAnewIsSeenAtOnceInTheKernel() {
    requireSeen(MappingChange.OTHER_ENTERED_ANEW);
  }

  @Test
  default void aPageProtectedEverywhereIsntWrittenThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.PROTECTED_EVERYWHERE);
  }

  @Test
  default void aPageUnmappedEverywhereIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.UNMAPPED_EVERYWHERE);
  }

  @Test
  default void aStrippedPageIsntReadThroughTheTlbInTheKernel() {
    requireSeen(MappingChange.STRIPPED);
  }
}
