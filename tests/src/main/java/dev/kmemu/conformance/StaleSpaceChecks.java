package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** That flushes reach the address space that needs them, whichever the CPU is on. */
public interface StaleSpaceChecks extends ConformanceChecks {

  @Test
  default void aKernelPageRemovedWhileAUserIsOnTheCpuIsntReadAnyMore() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          Mapped at = Mapped.inKernel(k);
          assertThat(
                  k.ring0In(space)
                      .loadAgainAfter(at.va(), () -> at.pmap().remove(at.va(), at.va() + PAGE)))
              .as("a load at CPL 0 on a user's tables, repeated after pmap_remove in kernel_pmap")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aKernelPageProtectedWhileAUserIsOnTheCpuIsntWrittenAnyMore() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          Mapped at = Mapped.inKernel(k);
          assertThat(
                  k.ring0In(space)
                      .storeAgainAfter(
                          at.va(), 1, () -> at.pmap().protect(at.start(), at.end(), VmProt.READ)))
              .as("a store at CPL 0 on a user's tables, repeated after pmap_protect in kernel_pmap")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aUsersPageRemovedDuringItsSystemCallIsntReadAnyMore() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          assertThat(
                  k.ring0In(space)
                      .loadAgainAfter(at.va(), () -> at.pmap().remove(at.va(), at.va() + PAGE)))
              .as("a load at CPL 0 on the tables that pmap_remove changed")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aPageUnmappedEverywhereIsGoneFromTheSpaceOnTheCpu() {
    onKernel(
        k -> {
          UserSpace other = k.space();
          UserSpace space = k.space();
          VmPage page = k.page();
          GuestView guest = k.ring3(space);
          long va = k.kva(1);
          other.pmap().enter(DATA, page, RW, false);
          space.pmap().enter(DATA + PAGE, page, RW, false);
          k.kernelPmap().enter(va, page, RW, false);
          assertThat(guest.loadAgainAfter(DATA + PAGE, () -> k.pageProtect(page, VmProt.NONE)))
              .as(
                  "a load repeated after pmap_page_protect with NONE, of a page that two spaces and the kernel map")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aPageProtectedEverywhereIsntWrittenInTheSpaceOnTheCpu() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          UserSpace other = k.space();
          VmPage page = k.page();
          GuestView guest = k.ring3(space);
          space.pmap().enter(DATA, page, RW, false);
          other.pmap().enter(DATA, page, RW, false);
          assertThat(guest.storeAgainAfter(DATA, 1, () -> k.pageProtect(page, VmProt.READ)))
              .as(
                  "a store repeated after pmap_page_protect with READ, of a page that two spaces map")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void changesOfASpaceThatIsOffTheCpuShowWhenItIsBack() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          UserSpace other = k.space();
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          k.ring3(space).load(at.va());
          k.ring3(space).load(at.start());
          k.ring3(other).load(DATA);
          at.pmap().enter(at.va(), at.other(), RW, false);
          at.pmap().remove(at.start(), at.start() + PAGE);
          assertThat(k.ring3(space).load(at.va()))
              .as("the page that was entered meanwhile")
              .isEqualTo(k.word(at.other()));
          assertThat(k.ring3(space).load(at.start()))
              .as("the page that was removed meanwhile")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aSpaceThatChangesBesideTheCpusOneLeavesThatAsItIs() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          UserSpace other = k.space();
          Mapped at = Mapped.in(k, space.pmap(), DATA);
          Mapped beside = Mapped.in(k, other.pmap(), DATA);
          assertThat(
                  k.ring3(space)
                      .loadAgainAfter(
                          at.va(),
                          () -> {
                            beside.pmap().enter(at.va(), beside.other(), RW, false);
                            beside.pmap().remove(at.start(), at.va());
                          }))
              .as("a load repeated after changes at the same address of another space")
              .isEqualTo(k.word(at.page()));
          assertThat(at.pmap().extract(at.start()))
              .as("pmap_extract of what the other space removed")
              .isEqualTo(at.page().physAddr());
        });
  }

  @Test
  default void everyPageOfAChangedRangeIsFlushed() {
    onKernel(
        k -> {
          List<Consumer<Mapped>> changes =
              List.of(
                  at -> at.pmap().protect(at.start(), at.end(), VmProt.READ),
                  at -> at.pmap().remove(at.start(), at.end()),
                  at -> at.pmap().removePages(at.start(), at.end()),
                  at -> k.pageProtect(at.page(), VmProt.READ),
                  at -> k.clearModify(at.page()),
                  at -> k.pageProtect(at.page(), VmProt.NONE));
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          for (int i = 0; i < changes.size(); i++) {
            Mapped at = Mapped.in(k, space.pmap(), DATA);
            for (long va = at.start(); va != at.end(); va += PAGE) {
              guest.store(va, i);
            }
            k.flushes().clear();
            changes.get(i).accept(at);
            for (long va = at.start(); va != at.end(); va += PAGE) {
              assertThat(k.flushes().covered(va))
                  .as("whether change %d flushed 0x%x, one of 4 pages that it changed", i, va)
                  .isTrue();
            }
          }
        });
  }
}
