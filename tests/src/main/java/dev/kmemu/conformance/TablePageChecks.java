package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That page-table pages of users are made, kept while needed, and freed once. */
public interface TablePageChecks extends ConformanceChecks {

  private void requireTablesBack(String routine, Unmapping unmapping) {
    onKernel(
        k -> {
          Pmap pmap = k.space().pmap();
          VmPage page = k.page();
          long free = k.freePages();
          pmap.enter(DATA, page, RW, false);
          assertThat(free - k.freePages()).as("tables made for the first page").isEqualTo(3);
          unmapping.apply(k, pmap, page);
          assertThat(k.freePages())
              .as("free pages after %s of the only page", routine)
              .isEqualTo(free);
        });
  }

  /** What unmaps the only page of a map. */
  @FunctionalInterface
  interface Unmapping {
    /** Unmaps it. */
    void apply(TestedKernel kernel, Pmap pmap, VmPage page);
  }

  @Test
  default void removingTheOnlyPageFreesItsTables() {
    requireTablesBack(
        "pmap_remove",
        (k, pmap, page) -> {
          pmap.remove(DATA, DATA + PAGE);
        });
  }

  @Test
  default void removingPagesFreesTheirTables() {
    requireTablesBack(
        "pmap_remove_pages",
        (k, pmap, page) -> {
          pmap.removePages(0, KvaLayout.USER_END);
        });
  }

  @Test
  default void protectingFromReadingFreesTheTables() {
    requireTablesBack(
        "pmap_protect with NONE",
        (k, pmap, page) -> {
          pmap.protect(DATA, DATA + PAGE, VmProt.NONE);
        });
  }

  @Test
  default void unmappingAPageEverywhereFreesItsTables() {
    requireTablesBack(
        "pmap_page_protect with NONE",
        (k, pmap, page) -> {
          k.pageProtect(page, VmProt.NONE);
        });
  }

  @Test
  default void strippingAPageFreesItsTables() {
    requireTablesBack(
        "the strip",
        (k, pmap, page) -> {
          k.hold(
              () -> {
                k.kernelPmap().mappings().strip(page);
                k.kernelPmap().mappings().flush();
              });
        });
  }

  @Test
  default void aPageEnteredManyTimesHoldsItsTableOnce() {
    requireTablesBack(
        "a second and third pmap_enter, and pmap_remove,",
        (k, pmap, page) -> {
          pmap.enter(DATA, page, VmProt.READ, true);
          pmap.enter(DATA, page, RW, false);
          pmap.remove(DATA, DATA + PAGE);
        });
  }

  @Test
  default void aPageThatReplacesAnotherHoldsItsTableOnce() {

    onKernel(
        k -> {
          Pmap pmap = k.space().pmap();
          VmPage first = k.page();
          VmPage second = k.page();
          long free = k.freePages();
          pmap.enter(DATA, first, RW, false);
          pmap.enter(DATA, second, RW, false);
          pmap.enter(DATA, first, VmProt.READ, true);
          pmap.remove(DATA, DATA + PAGE);
          assertThat(k.freePages())
              .as("free pages after pages that replaced each other went")
              .isEqualTo(free);
        });
  }

  @Test
  default void tablesStayWhileTheyHaveAnotherEntry() {

    onKernel(
        k -> {
          UserSpace space = k.space();
          List<Long> at =
              List.of(
                  DATA, DATA + PAGE, DATA + KvaLayout.NBPDR, DATA + (1L << 30), DATA + (1L << 39));
          VmPage kept = k.page();
          k.ring3(space);
          for (long va : at) {
            space.pmap().enter(DATA, kept, RW, false);
            if (va != DATA) {
              space.pmap().enter(va, k.page(), RW, false);
              space.pmap().remove(va, va + PAGE);
            }
            k.scribbleOverFreePages(-1L << 52);
            assertThat(k.ring3(space).load(DATA))
                .as(
                    "the page at 0x%x after the one at 0x%x went and free memory was overwritten",
                    DATA, va)
                .isEqualTo(k.word(kept));
          }
        });
  }

  @Test
  default void aTableThatWasFreedIsntWalkedAnyMore() {

    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          GuestView guest = k.ring3(space);
          space.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + KvaLayout.NBPDR, page, RW, false);
          String end =
              guest.loadAgainAfter(
                  DATA,
                  () -> {
                    space.pmap().remove(DATA, DATA + PAGE);
                    k.scribbleOverFreePages(page.physAddr() | PteBits.V | PteBits.RW | PteBits.U);
                  });
          assertThat(end)
              .as("a load below a table that was freed and overwritten")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void sparsePagesGiveAllTheirTablesBack() {

    onKernel(
        k -> {
          Pmap pmap = k.space().pmap();
          VmPage page = k.page();
          long free = k.freePages();
          for (int i = 0; i < 40; i++) {
            pmap.enter(i * 0x2F_1234_5000L, page, RW, i % 3 == 0);
          }
          pmap.remove(0, KvaLayout.USER_END);
          assertThat(k.freePages())
              .as("free pages after pmap_remove of all user addresses")
              .isEqualTo(free);
          assertThat(pmap.statistics().residentCount()).as("resident_count: the root").isEqualTo(1);
        });
  }

  @Test
  default void aSpaceThatEndsGivesItsRootBack() {

    onKernel(
        k -> {
          VmPage page = k.page();
          k.vm().userPmaps().release(k.vm().userPmaps().pinit());
          long free = k.freePages();
          Pmap pmap = k.vm().userPmaps().pinit();
          assertThat(free - k.freePages()).as("pages that pmap_pinit takes").isEqualTo(1);
          pmap.enter(DATA, page, RW, false);
          pmap.remove(0, KvaLayout.USER_END);
          k.vm().userPmaps().release(pmap);
          assertThat(k.freePages()).as("free pages after pmap_release").isEqualTo(free);
        });
  }

  @Test
  default void aSpaceWithAMappingLeftIsntReleased() {

    onKernel(
        k -> {
          Pmap pmap = k.vm().userPmaps().pinit();
          pmap.enter(DATA, k.page(), RW, false);
          assertThatThrownBy(() -> k.vm().userPmaps().release(pmap))
              .as("pmap_release of a map with a page")
              .isInstanceOf(KernelPanic.class);
          pmap.remove(DATA, DATA + PAGE);
          k.vm().userPmaps().release(pmap);
        });
  }

  @Test
  default void rootsShareTheKernelsTables() {

    onKernel(
        k -> {
          Pmap pmap = k.space().pmap();
          long root = pmap.tables().pml4().value();
          long kernelRoot = k.kernelPmap().tables().pml4().value();
          for (int slot : new int[] {KvaLayout.DMAP_SLOT, KvaLayout.KERNEL_SLOT}) {
            long offset = (long) slot * Long.BYTES;
            assertThat(pmap.tables().load(root + offset) & PteBits.FRAME)
                .as("slot %d of a user's root", slot)
                .isEqualTo(pmap.tables().load(kernelRoot + offset) & PteBits.FRAME);
          }
        });
  }
}
