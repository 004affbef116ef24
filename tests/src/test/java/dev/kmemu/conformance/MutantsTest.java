package dev.kmemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapProviderLoader;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * That the suite finds every mutant, by a check that says what is wrong with it. Only that check is
 * run, which is what makes this quick.
 */
class MutantsTest {

  private static final String MUTANTS = "dev.kmemu.conformance.mutant.";
  private static final ThreadLocal<PmapProvider> UNDER_TEST = new ThreadLocal<>();

  /** What the suite runs on; not a test by itself. */
  static class Suite implements PmapConformance {
    @Override
    public PmapProvider pmap() {
      return UNDER_TEST.get();
    }
  }

  private static final class Failures implements TestExecutionListener {
    private final Map<String, Throwable> failed = new TreeMap<>();
    private int finished;

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        finished++;
        result
            .getThrowable()
            .ifPresent(t -> failed.put(test.getDisplayName().replace("()", ""), t));
      }
    }
  }

  private static Failures run(PmapProvider pmap, String check) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectMethod(Suite.class, check))
            .build();
    LauncherConfig config =
        LauncherConfig.builder()
            .enableTestExecutionListenerAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .build();
    Launcher launcher = LauncherFactory.create(config);
    Failures failures = new Failures();
    UNDER_TEST.set(pmap);
    try {
      launcher.execute(request, failures);
    } finally {
      UNDER_TEST.remove();
    }
    return failures;
  }

  @ParameterizedTest
  @CsvSource({
    "EnterOverAnotherPage, enteringAnotherPageShowsItAndForgetsTheFirst",
    "FlushOfFirstPageOnly, everyPageOfAChangedRangeIsFlushed",
    "FlushOfWrongSpace, aKernelPageRemovedWhileAUserIsOnTheCpuIsntReadAnyMore",
    "InventedModified, aLoadIsntAModification",
    "LeakedTablePage, aPageThatReplacesAnotherHoldsItsTableOnce",
    "LostAccessedOnRemove, removingCarriesAOverToThePage",
    "LostModifiedOnPageProtect, protectingAPageCarriesMOverToIt",
    "LostModifiedOnProtect, protectingCarriesMOverToThePage",
    "LostModifiedOnRemove, removingCarriesMOverToThePage",
    "ModifiedOfFirstMappingOnly, aModificationThroughAnyMappingCounts",
    "NoFlushAfterClearModify, mIsSetAgainAfterClearModify",
    "NoFlushAfterClearReference, aIsSetAgainAfterTsReferenced",
    "NoFlushAfterKremove, aKremovedPageIsntReadThroughTheTlb",
    "NoFlushAfterPageProtect, aPageProtectedEverywhereIsntWrittenThroughTheTlbOfAUser",
    "NoFlushAfterProtect, aProtectedPageIsntWrittenThroughTheTlbOfAUser",
    "NoFlushAfterRemove, aRemovedPageIsntReadThroughTheTlbInTheKernel",
    "NoFlushAfterReplacement, anotherPageIsSeenAtOnceOfAUser",
    "OffByOneAtTable, removingAcrossABoundaryEndsWhereItShould",
    "OneMappingLeft, aPageUnmappedEverywhereLeavesAllMaps",
    "ProtectBeyondTable, protectingUpToABoundaryLeavesWhatIsBehind",
    "SharedCopyOnWrite, aChildDoesntSeeWhatItsParentWritesAfterAFork",
    "StaleNx, aPageStaysExecutableWhenItsProtectionChanges",
    "TablePageFreedBeforeItIsUnlinked, aTableThatWasFreedIsntWalkedAnyMore",
    "TablePageFreedEarly, tablesStayWhileTheyHaveAnotherEntry",
    "UserBitLostOnProtect, aUsersPageStaysInReachWhenItsMappingChanges",
    "UserBitOnKernel, aUserCantReadAPageOfTheKernel",
    "WiredPageRemoved, removingPagesLeavesWhatIsWired",
    "WiringCountedTwice, wiredMappingsAreCounted",
    "WiringLostOnProtect, protectingLeavesTheWiring",
    "WriteBitKept, enteringAgainReadOnlyTakesWriteAccessAway",
    "WrongPvCount, pvCountsAreThoseOfTheMappings",
    "WrongResidentCount, residentCountFollowsTheMappingsOfTheKernel",
  })
  void aMutantIsKilledByACheckWhoseNameFits(String mutant, String check) {
    Failures mutated = run(PmapProviderLoader.load(MUTANTS + mutant), check);
    Failures standard = run(PmapProvider.standard(), check);

    assertThat(mutated.failed).as("checks that %s fails", mutant).containsOnlyKeys(check);
    assertThat(standard.failed).as("checks that the standard pmap fails").isEmpty();
    assertThat(standard.finished).as("checks that ran").isEqualTo(1);
  }
}
