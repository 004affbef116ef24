package dev.kmemu.walk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.unicorn.Unicorn;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The Java walk, the CPU's and, where the library has one, {@code uc_vmem_translate}. {@code
 * -Dkmemu.walk.rounds=N} tries N times as many random entries, {@code -Dkmemu.walk.seed=N} repeats
 * a run.
 */
class WalkerEqualityTest {

  private static final long ROUNDS = Long.getLong("kmemu.walk.rounds", 1);
  private static final long SEED = Long.getLong("kmemu.walk.seed", System.nanoTime());
  private static final long IN_A_ROUND = 1_500;
  private static final long ASKED_OF_THE_LIBRARY = 400;

  private final Unicorn unicorn = UnicornLoader.load();
  private final Findings findings = new Findings();
  private final WalkCampaign campaign = new WalkCampaign(unicorn, findings);

  @AfterEach
  void close() {
    campaign.close();
  }

  @Test
  void everyBitOfOneLevelUnderAllControls() {
    for (Controls controls : Controls.all()) {
      long done = campaign.run(controls, new OneLevelAtATime());
      assertThat(done).isEqualTo(OneLevelAtATime.COMBINATIONS);
    }
    assertNothingNew();
  }

  @Test
  void everyPermissionOfAllLevelsUnderAllControls() {
    for (Controls controls : Controls.all()) {
      long done = campaign.run(controls, new AllPermissions());
      assertThat(done).isEqualTo(AllPermissions.COMBINATIONS);
    }
    assertNothingNew();
  }

  @Test
  void randomEntriesUsedSeveralTimesUnderAllControls() {
    RandomEntries entries = new RandomEntries(SEED);
    for (long round = 0; round < ROUNDS; round++) {
      for (Controls controls : Controls.all()) {
        campaign.run(controls, entries, IN_A_ROUND);
      }
    }
    assertNothingNew();
    assertThat(KnownDifference.values())
        .as("differences that don't exist any more mustn't be excused")
        .allSatisfy(known -> assertThat(findings.count(known)).isPositive());
  }

  @Test
  void theLibrarysOwnTranslationAgrees() {
    if (!campaign.hasLibraryWalk()) {
      System.out.println(
          "Unicorn " + unicorn.version() + " has no uc_vmem_translate: it isn't compared");
      assertThat(unicorn.version().toString()).as("only older ones lack it").isLessThan("2.1.4");
      return;
    }
    RandomEntries entries = new RandomEntries(SEED);
    for (Controls controls : Controls.all()) {
      campaign.runWithLibrary(controls, entries, ASKED_OF_THE_LIBRARY);
    }
    assertNothingNew();
  }

  private void assertNothingNew() {
    assertThat(findings.examples()).as("%s, seed %d", findings, SEED).isEmpty();
  }
}
