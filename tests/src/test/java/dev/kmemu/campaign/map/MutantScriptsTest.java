package dev.kmemu.campaign.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.campaign.CampaignScript;
import dev.kmemu.campaign.Failure;
import dev.kmemu.campaign.PmapChoice;
import dev.kmemu.campaign.Script;
import dev.kmemu.campaign.ScriptText;
import dev.kmemu.conformance.mutant.FlushOfFirstPageOnly;
import dev.kmemu.conformance.mutant.LostModifiedOnRemove;
import dev.kmemu.conformance.mutant.WiringLostOnProtect;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.ForwardingPmap;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PmapContext;
import dev.kmemu.vm.pmap.PmapModule;
import dev.kmemu.vm.pmap.PmapProvider;
import dev.kmemu.vm.pmap.standard.StandardPmap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the map suite sees of a pmap at once, though the VM would get on for a while. */
class MutantScriptsTest {

  private static Failure failure(Class<? extends PmapProvider> pmap, String steps) {
    Script script =
        ScriptText.parse("kmemu-campaign 1\nsuite map\nsteps\n" + steps)
            .withPmap(new PmapChoice(pmap.getName()));
    assertThat(run(script.withPmap(PmapChoice.STANDARD))).isNull();
    return Objects.requireNonNull(run(script));
  }

  private static @Nullable Failure run(Script script) {
    return CampaignScript.of(script).explain(line -> {}).failure();
  }

  @Test
  void aFlushOfOneOfTwoPagesLeavesTheOtherInTheTlb() {
    Failure failure =
        failure(
            FlushOfFirstPageOnly.class,
            """
            map A 0x7000001fd000 0x7000001fe000 rw
            load user 0x7000001fd000
            load user 0x7000001fe000
            unmap A 0x7000001fd000 0x7000001fe000
            """);

    assertThat(failure.kind()).isEqualTo("stale-tlb after unmap");
    assertThat(failure.expected()).startsWith("0x7000001fe000: a flush");
  }

  @Test
  void aPageThatLosesMIsFoundBeforeItIsPagedOut() {
    Failure failure =
        failure(
            LostModifiedOnRemove.class,
            """
            map A 0x7000001fd000 0x7000001fd000 rw
            inherit A 0x7000001fd000 0x7000001fd000 share
            fork A B
            load user 0x7000001fd000
            store user 0x7000001fd000
            unmap A 0x7000001fd000 0x7000001fd000
            check
            """);

    assertThat(failure.kind()).isEqualTo("lost-modified after check");
    assertThat(failure.actual()).isEqualTo("clean with 0x2");
  }

  @Test
  void aLockedPageIsWiredWhateverIsDoneToIt() {
    Failure failure =
        failure(
            WiringLostOnProtect.class,
            """
            map A 0x7000001fd000 0x7000001fd000 rw
            lock A 0x7000001fd000 0x7000001fd000
            protect A 0x7000001fd000 0x7000001fd000 r
            """);

    assertThat(failure.kind()).isEqualTo("mapped after protect");
    assertThat(failure.expected()).endsWith("wired");
  }

  /** Forgets to write the entry for a user. */
  public static final class EntersNothing implements PmapProvider {
    @Override
    public PmapModule create(PmapContext context) {
      return new ForwardingPmap(new StandardPmap(context)) {
        @Override
        public void enter(Pmap pmap, long va, VmPage page, int prot, boolean wired) {
          if (va < 0) {
            target().enter(pmap, va, page, prot, wired);
          }
        }
      };
    }
  }

  @Test
  void aFaultThatIsServedInVainIsAFailureAndNoHang() {
    Failure failure =
        failure(
            EntersNothing.class,
            """
            map A 0x7000001fd000 0x7000001fd000 rw
            store user 0x7000001fd000
            """);

    assertThat(failure.kind()).isEqualTo("access after ring 3 store");
    assertThat(failure.actual()).isEqualTo("served for ever");
  }
}
