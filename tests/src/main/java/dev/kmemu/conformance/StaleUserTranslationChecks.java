package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;

import dev.kmemu.testkit.UserSpace;
import org.junit.jupiter.api.Test;

/** That a change in the space on the CPU is seen by a TLB that has the old translation. */
public interface StaleUserTranslationChecks extends ConformanceChecks {

  private void requireSeen(MappingChange change) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          change.requireSeen(k, guest, 3, Mapped.in(k, space.pmap(), DATA));
        });
  }

  @Test
  default void aRemovedPageIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.PAGE_REMOVED);
  }

  @Test
  default void aPageInARemovedRangeIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.RANGE_REMOVED);
  }

  @Test
  default void aPageOfRemovedPagesIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.PAGES_REMOVED);
  }

  @Test
  default void aPageProtectedFromReadingIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.PROTECTED_FROM_READING);
  }

  @Test
  default void aProtectedPageIsntWrittenThroughTheTlbOfAUser() {
    requireSeen(MappingChange.PAGE_PROTECTED);
  }

  @Test
  default void aPageInAProtectedRangeIsntWrittenThroughTheTlbOfAUser() {
    requireSeen(MappingChange.RANGE_PROTECTED);
  }

  @Test
  default void aPageEnteredReadOnlyIsntWrittenThroughTheTlbOfAUser() {
    requireSeen(MappingChange.ENTERED_READ_ONLY);
  }

  @Test
  default void anotherPageIsSeenAtOnceOfAUser() {
    requireSeen(MappingChange.OTHER_ENTERED);
  }

  @Test
  default void aPageRemovedAndEnteredAnewIsSeenAtOnceOfAUser() {
    requireSeen(MappingChange.OTHER_ENTERED_ANEW);
  }

  @Test
  default void aPageProtectedEverywhereIsntWrittenThroughTheTlbOfAUser() {
    requireSeen(MappingChange.PROTECTED_EVERYWHERE);
  }

  @Test
  default void aPageUnmappedEverywhereIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.UNMAPPED_EVERYWHERE);
  }

  @Test
  default void aStrippedPageIsntReadThroughTheTlbOfAUser() {
    requireSeen(MappingChange.STRIPPED);
  }
}
