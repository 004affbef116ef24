package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** Who may write, and that everything may be executed in this era. */
public interface ProtectionChecks extends ConformanceChecks {

  @Test
  default void aReadOnlyPageRefusesStoresInBothRings() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, VmProt.READ, false);
          space.pmap().enter(DATA, page, VmProt.READ, false);
          assertThat(k.ring0().store(va, 1))
              .as("store at CPL 0 to a read-only page")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).store(DATA, 1))
              .as("store at CPL 3 to a read-only page")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).load(DATA)).as("load from it").isEqualTo(k.word(page));
        });
  }

  @Test
  default void aWritablePageTakesStoresInBothRings() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, false);
          space.pmap().enter(DATA, page, RW, false);
          assertThat(k.ring0().store(va, 1)).as("store at CPL 0").isEqualTo(DONE);
          assertThat(k.word(page)).as("what RAM holds then").isEqualTo("0x1");
          assertThat(k.ring3(space).store(DATA, 2)).as("store at CPL 3").isEqualTo(DONE);
          assertThat(k.word(page)).as("what RAM holds then").isEqualTo("0x2");
          assertThat(page.has(PageFlags.WRITEABLE)).as("PG_WRITEABLE").isTrue();
        });
  }

  @Test
  default void protectingWithoutWriteRefusesStoresAndAllowsLoads() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
          assertThat(space.pmap().tables().pte(DATA) & PteBits.RW)
              .as("RW after pmap_protect")
              .isZero();
          assertThat(k.ring3(space).store(DATA, 1)).as("store after pmap_protect").isEqualTo(FAULT);
          assertThat(k.ring3(space).load(DATA))
              .as("load after pmap_protect")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void protectingWithWriteGrantsNothing() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, VmProt.READ, false);
          space.pmap().protect(DATA, DATA + PAGE, RW);
          assertThat(k.ring3(space).store(DATA, 1))
              .as("store to a page that was entered read-only")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void protectingWithoutReadRemoves() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.NONE);
          assertThat(space.pmap().extract(DATA))
              .as("mapping after pmap_protect with NONE")
              .isZero();
          assertThat(page.has(PageFlags.MAPPED)).as("PG_MAPPED").isFalse();
        });
  }

  @Test
  default void protectingLeavesThePagesBesideTheRangeWritable() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          for (int i = 0; i < 4; i++) {
            space.pmap().enter(DATA + i * PAGE, k.page(), RW, false);
          }
          space.pmap().protect(DATA + PAGE, DATA + 3 * PAGE, VmProt.READ);
          assertThat(k.ring3(space).store(DATA, 1)).as("store before the range").isEqualTo(DONE);
          assertThat(k.ring3(space).store(DATA + PAGE, 1))
              .as("store to its first page")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).store(DATA + 2 * PAGE, 1))
              .as("store to its last page")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).store(DATA + 3 * PAGE, 1))
              .as("store behind the range")
              .isEqualTo(DONE);
        });
  }

  @Test
  default void enteringAgainReadOnlyTakesWriteAccessAway() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA, page, VmProt.READ, false);
          assertThat(k.ring3(space).store(DATA, 1))
              .as("store after it was entered read-only")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void protectingAPageTakesWriteAccessAwayInAllSpaces() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace one = k.space();
          UserSpace other = k.space();
          long va = k.kva(1);
          one.pmap().enter(DATA, page, RW, false);
          other.pmap().enter(DATA + PAGE, page, RW, false);
          k.kernelPmap().enter(va, page, RW, false);
          k.pageProtect(page, VmProt.READ);
          assertThat(page.has(PageFlags.WRITEABLE)).as("PG_WRITEABLE").isFalse();
          assertThat(k.ring0().store(va, 1)).as("store in the kernel").isEqualTo(FAULT);
          assertThat(k.ring3(one).store(DATA, 1)).as("store in the first space").isEqualTo(FAULT);
          assertThat(k.ring3(other).store(DATA + PAGE, 1))
              .as("store in the second space")
              .isEqualTo(FAULT);
          assertThat(k.ring3(other).load(DATA + PAGE))
              .as("load in the second space")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void aPageIsExecutableHoweverItWasEntered() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, false);
          space.pmap().enter(DATA, page, VmProt.READ, false);
          assertThat(k.ring0().fetch(va)).as("fetch at CPL 0").isEqualTo(k.word(page));
          assertThat(k.ring3(space).fetch(DATA)).as("fetch at CPL 3").isEqualTo(k.word(page));
        });
  }

  @Test
  default void aPageStaysExecutableWhenItsProtectionChanges() {
    onKernel(
        k -> {
          VmPage page = k.page();
          VmPage other = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
          assertThat(k.ring3(space).fetch(DATA))
              .as("fetch after pmap_protect")
              .isEqualTo(k.word(page));
          space.pmap().enter(DATA, page, RW, false);
          assertThat(k.ring3(space).fetch(DATA))
              .as("fetch after it became writable")
              .isEqualTo(k.word(page));
          k.pageProtect(page, VmProt.READ);
          assertThat(k.ring3(space).fetch(DATA))
              .as("fetch after pmap_page_protect")
              .isEqualTo(k.word(page));
          space.pmap().enter(DATA, other, RW, false);
          assertThat(k.ring3(space).fetch(DATA))
              .as("fetch from a page that replaced it")
              .isEqualTo(k.word(other));
          space.pmap().remove(DATA, DATA + PAGE);
          space.pmap().enter(DATA, page, RW, true);
          space.pmap().changeWiring(DATA, false);
          assertThat(k.ring3(space).fetch(DATA))
              .as("fetch after it was removed, wired and unwired")
              .isEqualTo(k.word(page));
          space.pmap().remove(DATA, DATA + PAGE);
        });
  }
}
