package dev.kmemu.campaign.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.CampaignScript;
import dev.kmemu.campaign.ScriptText;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Disks that fail and memory that is short are errors or delays, and nothing is lost by them. */
class FaultInjectionTest {

  private static List<String> green(String suite, String steps) {
    List<String> lines = new ArrayList<>();
    String text = "kmemu-campaign 1\nsuite " + suite + "\nsteps\n" + steps;
    assertThat(CampaignScript.of(ScriptText.parse(text)).explain(lines::add).failure()).isNull();
    return lines;
  }

  @Test
  void aPageThatCantBeReadIsAnErrorAndThereAgainTheNextTime() {
    List<String> lines =
        green(
            "faults",
            """
            map A 0x7000001fd000 0x700000204000 rw
            store user 0x7000001fe000
            page-out
            fail-read 1
            load user 0x7000001fe000
            """);

    assertThat(lines)
        .containsSubsequence(
            "       got      not mapped", "       expected ok (0x1)", "       got      ok (0x1)");
  }

  @Test
  void lockingWhatCantBeReadFailsAndLeavesNothingLocked() {
    green(
        "faults",
        """
        map A 0x7000001fd000 0x700000204000 rw
        store user 0x7000001fe000
        page-out
        fail-read 1
        lock A 0x7000001fd000 0x700000200000
        unlock A 0x7000001fd000 0x700000200000
        page-out
        fail-read 1
        wire A 0x7000001fd000 0x700000200000
        check
        """);
  }

  @Test
  void aPageThatCantBeWrittenStays() {
    List<String> lines =
        green(
            "faults",
            """
            map A 0x7000001fd000 0x700000204000 rw
            store user 0x7000001fe000
            fail-write 1
            page-out
            load user 0x7000001fe000
            page-out
            store user 0x7000001fe000
            fail-write 1
            page-out
            load user 0x7000001fe000
            """);

    assertThat(lines).filteredOn(line -> line.endsWith("got      ok (0x3)")).hasSize(2);
  }

  @Test
  void whoeverNeedsMemoryThatOthersHaveWaitsUntilTheyGiveItBack() {
    List<String> lines =
        green(
            "faults",
            """
            map A 0x7000001fd000 0x700000204000 rw
            hoard 0
            store user 0x700000201000
            hoard 1
            fork A B
            hoard 2
            thread t1
            store user 0x700000202000
            kalloc k1 3
            thread t2
            store user 0x700000203000
            together
            """);

    assertThat(lines)
        .anyMatch(line -> line.matches(" +t2 at \\d+: sleeps on v_free_count, pfault"));
  }

  @Test
  void kernelMemoryThatIsFullIsRefusedAndUsableAgainOnceSomeIsFree() {
    green(
        "map",
        """
        kalloc k0 6
        kalloc k1 6
        kalloc k2 6
        kalloc k3 4
        kalloc k4 1
        kfree k0
        kalloc k2 6
        thread t1
        kfree k0
        kalloc k0 3
        thread t2
        kfree k2
        kalloc k2 6
        preempt t1 9 t2
        together
        """);
  }
}
