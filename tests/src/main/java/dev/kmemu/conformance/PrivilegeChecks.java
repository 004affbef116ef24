package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ring 3 reaches, and what it does not. */
public interface PrivilegeChecks extends ConformanceChecks {

  @Test
  default void aUserCantReadAPageOfTheKernel() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(2);
          k.kernelPmap().enter(va, page, RW, false);
          k.kernelPmap().enter(va + PAGE, page, VmProt.READ, true);
          assertThat(k.ring0In(space).load(va))
              .as("load at CPL 0 on the user's tables")
              .isEqualTo(k.word(page));
          assertThat(k.ring3(space).load(va)).as("load of a kernel page at CPL 3").isEqualTo(FAULT);
          assertThat(k.ring3(space).load(va + PAGE))
              .as("load of a wired kernel page at CPL 3")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).store(va, 1))
              .as("store to a kernel page at CPL 3")
              .isEqualTo(FAULT);
        });
  }

  @Test
  default void aKernelPageStaysOutOfReachWhenItsMappingChanges() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, false);
          k.kernelPmap().protect(va, va + PAGE, VmProt.READ);
          assertThat(k.pte(k.kernelPmap(), va) & PteBits.U).as("U after pmap_protect").isZero();
          k.kernelPmap().enter(va, k.page(), RW, false);
          k.kernelPmap().changeWiring(va, true);
          assertThat(k.pte(k.kernelPmap(), va) & PteBits.U)
              .as("U after another page was entered and wired")
              .isZero();
          assertThat(k.ring3(space).load(va)).as("load at CPL 3").isEqualTo(FAULT);
          k.kernelPmap().remove(va, va + PAGE);
        });
  }

  @Test
  default void aUserCantReadWhatWasKentered() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          long va = k.kva(2);
          k.vm().kernelEnter().kenter(va, page.physAddr());
          k.vm().kernelEnter().qenter(va + PAGE, List.of(page));
          assertThat(k.ring3(space).load(va))
              .as("load of a page of pmap_kenter at CPL 3")
              .isEqualTo(FAULT);
          assertThat(k.ring3(space).load(va + PAGE))
              .as("load of a page of pmap_qenter at CPL 3")
              .isEqualTo(FAULT);
          k.vm().kernelEnter().qremove(va, 2);
        });
  }

  @Test
  default void aUsersPageStaysInReachWhenItsMappingChanges() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, true);
          space.pmap().changeWiring(DATA, false);
          space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
          assertThat(k.ring3(space).load(DATA))
              .as("load at CPL 3 after pmap_protect")
              .isEqualTo(k.word(page));
          space.pmap().enter(DATA, page, RW, false);
          assertThat(k.ring3(space).store(DATA, 7))
              .as("store at CPL 3 after it became writable")
              .isEqualTo(DONE);
        });
  }

  @Test
  default void aUserCantReachTheTablesThroughTheRecursiveSlot() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          space.pmap().enter(DATA, k.page(), RW, false);
          long window = KvaLayout.UPT_MIN_ADDRESS + (DATA >>> 9);
          assertThat(k.ring0In(space).load(window))
              .as("the entry of an address, through the recursive slot, at CPL 0")
              .isEqualTo(GuestView.hex(k.pte(space.pmap(), DATA)));
          assertThat(k.ring3(space).store(window, 0))
              .as("store to a page table at CPL 3")
              .isEqualTo(FAULT);
        });
  }
}
