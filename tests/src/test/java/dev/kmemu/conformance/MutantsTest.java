package dev.kmemu.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.PmapProviderLoader;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
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

/** That the suite finds every mutant, by a check that says what is wrong with it. */
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

  private static Failures run(PmapProvider pmap) {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Suite.class)).build();
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

  @Test
  void theStandardPmapIsntRefused() {
    Failures failures = run(PmapProvider.standard());

    assertThat(failures.failed).isEmpty();
    assertThat(failures.finished).isGreaterThan(100);
  }

  @ParameterizedTest
  @CsvSource({
    "EnterOverAnotherPage, todo",
    "FlushOfFirstPageOnly, todo",
    "FlushOfWrongSpace, todo",
    "InventedModified, todo",
    "LeakedTablePage, todo",
    "LostAccessedOnRemove, todo",
    "LostModifiedOnPageProtect, todo",
    "LostModifiedOnProtect, todo",
    "LostModifiedOnRemove, todo",
    "ModifiedOfFirstMappingOnly, todo",
    "NoFlushAfterClearModify, todo",
    "NoFlushAfterClearReference, todo",
    "NoFlushAfterKremove, todo",
    "NoFlushAfterPageProtect, todo",
    "NoFlushAfterProtect, todo",
    "NoFlushAfterRemove, todo",
    "NoFlushAfterReplacement, todo",
    "OffByOneAtTable, todo",
    "OneMappingLeft, todo",
    "ProtectBeyondTable, todo",
    "SharedCopyOnWrite, todo",
    "StaleNx, todo",
    "TablePageFreedBeforeItIsUnlinked, todo",
    "TablePageFreedEarly, todo",
    "UserBitLostOnProtect, todo",
    "UserBitOnKernel, todo",
    "WiredPageRemoved, todo",
    "WiringCountedTwice, todo",
    "WiringLostOnProtect, todo",
    "WriteBitKept, todo",
    "WrongPvCount, todo",
    "WrongResidentCount, todo",
  })
  void aMutantIsKilledByACheckWhoseNameFits(String mutant, String check) {
    Failures failures = run(PmapProviderLoader.load(MUTANTS + mutant));

    if (Boolean.getBoolean("kmemu.mutants.print")) {
      System.out.println(
          "KILL " + mutant + " " + failures.failed.size() + " " + failures.failed.keySet());
    }
    assertThat(failures.failed).as("checks that %s fails", mutant).containsKey(check);
  }
}
