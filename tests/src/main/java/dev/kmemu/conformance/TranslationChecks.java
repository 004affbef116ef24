package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an address shows, after it was entered, replaced or removed. */
public interface TranslationChecks extends ConformanceChecks {

  @Test
  default void aPageEnteredInTheKernelIsReadThere() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, false);
          assertThat(k.ring0().load(va))
              .as("load at CPL 0 after pmap_enter")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void aPageEnteredForAUserIsReadInRing3() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          assertThat(k.ring3(space).load(DATA)).as("load at CPL 3").isEqualTo(k.word(page));
        });
  }

  @Test
  default void everyPageOfARunIsSeenAtItsOwnAddress() {
    onKernel(
        k -> {
          long va = k.kva(4);
          UserSpace space = k.space();
          List<VmPage> pages = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            pages.add(k.page());
            k.kernelPmap().enter(va + i * PAGE, pages.get(i), RW, false);
            space.pmap().enter(DATA + i * PAGE, pages.get(i), RW, false);
          }
          for (int i = 0; i < 4; i++) {
            assertThat(k.ring0().load(va + i * PAGE))
                .as("kernel page %d", i)
                .isEqualTo(k.word(pages.get(i)));
          }
          for (int i = 0; i < 4; i++) {
            assertThat(k.ring3(space).load(DATA + i * PAGE))
                .as("user page %d", i)
                .isEqualTo(k.word(pages.get(i)));
          }
        });
  }

  @Test
  default void anAddressIsTruncatedToItsPage() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(1);
          k.kernelPmap().enter(va + 0x123, page, RW, false);
          assertThat(k.kernelPmap().extract(va + 8))
              .as("pmap_extract of va + 8")
              .isEqualTo(page.physAddr() + 8);
        });
  }

  @Test
  default void extractTellsTheFrameWithTheOffsetAndZeroWithoutAMapping() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          assertThat(space.pmap().extract(DATA)).as("pmap_extract without a table").isZero();
          space.pmap().enter(DATA, page, RW, false);
          assertThat(space.pmap().extract(DATA + 0xABC))
              .as("pmap_extract")
              .isEqualTo(page.physAddr() + 0xABC);
          assertThat(space.pmap().extract(DATA + PAGE + 0xABC))
              .as("pmap_extract of an empty entry")
              .isZero();
        });
  }

  @Test
  default void enteringAnotherPageShowsItAndForgetsTheFirst() {
    onKernel(
        k -> {
          VmPage first = k.page();
          VmPage second = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, first, RW, false);
          space.pmap().enter(DATA, second, RW, false);
          assertThat(first.has(PageFlags.MAPPED))
              .as("PG_MAPPED of the page that was replaced")
              .isFalse();
          assertThat(second.has(PageFlags.MAPPED))
              .as("PG_MAPPED of the page that replaced it")
              .isTrue();
          k.pageProtect(first, VmProt.NONE);
          assertThat(k.ring3(space).load(DATA))
              .as("the second page, when the first is unmapped everywhere")
              .isEqualTo(k.word(second));
        });
  }

  @Test
  default void whatWasRemovedIsGoneForGood() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(2);
          k.kernelPmap().enter(va, page, RW, false);
          k.kernelPmap().enter(va + PAGE, page, RW, false);
          k.kernelPmap().remove(va, va + PAGE);
          assertThat(k.kernelPmap().extract(va)).as("pmap_extract after pmap_remove").isZero();
          assertThat(k.ring0().load(va)).as("load after pmap_remove").isEqualTo(FAULT);
          assertThat(k.ring0().load(va + PAGE))
              .as("the page behind the removed range")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void removingWhatIsntMappedChangesNothing() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().remove(DATA + PAGE, DATA + 5 * PAGE);
          space.pmap().remove(DATA - 3 * PAGE, DATA);
          space.pmap().remove(DATA, DATA);
          assertThat(k.ring3(space).load(DATA))
              .as("the page beside the removed ranges")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void spacesDontSeeEachOthersMappings() {
    onKernel(
        k -> {
          UserSpace one = k.space();
          UserSpace other = k.space();
          VmPage first = k.page();
          VmPage second = k.page();
          one.pmap().enter(DATA, first, RW, false);
          other.pmap().enter(DATA, second, RW, false);
          one.pmap().enter(DATA + PAGE, first, RW, false);
          assertThat(k.ring3(one).load(DATA)).as("the first space").isEqualTo(k.word(first));
          assertThat(k.ring3(other).load(DATA)).as("the second space").isEqualTo(k.word(second));
          assertThat(k.ring3(other).load(DATA + PAGE))
              .as("what only the first space maps")
              .isEqualTo(FAULT);
        });
  }
}
