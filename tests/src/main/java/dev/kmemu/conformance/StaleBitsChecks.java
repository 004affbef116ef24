package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.Pmap;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** That a CPU whose TLB says that a bit is set sets it again once it was cleared. */
public interface StaleBitsChecks extends ConformanceChecks {

  private void requireSetAgain(String routine, long bit, Clearing clear) {
    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          VmPage page = k.page();
          space.pmap().enter(DATA, page, RW, false);
          guest.storeAgainAfter(
              DATA,
              1,
              () -> {
                clear.apply(k, space.pmap(), page);
                assertThat(k.pte(space.pmap(), DATA) & bit)
                    .as("the bit after %s", routine)
                    .isZero();
              });
          assertThat(k.pte(space.pmap(), DATA) & bit)
              .as("the bit after %s and another store (TLB not flushed?)", routine)
              .isEqualTo(bit);
        });
  }

  /** What clears a bit. */
  @FunctionalInterface
  interface Clearing {
    /** Clears it. */
    void apply(TestedKernel kernel, Pmap pmap, VmPage page);
  }

  @Test
  default void mIsSetAgainAfterClearModify() {
    requireSetAgain("pmap_clear_modify", PteBits.M, (k, pmap, page) -> k.clearModify(page));
  }

  @Test
  default void aIsSetAgainAfterClearReference() {
    requireSetAgain("pmap_clear_reference", PteBits.A, (k, pmap, page) -> k.clearReference(page));
  }

  @Test
  default void aIsSetAgainAfterTsReferenced() {
    requireSetAgain("pmap_ts_referenced", PteBits.A, (k, pmap, page) -> k.references(page));
  }

  @Test
  default void aStoreAfterProtectAndEnterIsAModificationAgain() {

    onKernel(
        k -> {
          UserSpace space = k.space();
          GuestView guest = k.ring3(space);
          VmPage page = k.page();
          space.pmap().enter(DATA, page, RW, false);
          String end =
              guest.storeAgainAfter(
                  DATA,
                  1,
                  () -> {
                    space.pmap().protect(DATA, DATA + PAGE, VmProt.READ);
                    space.pmap().enter(DATA, page, RW, false);
                  });
          assertThat(end).as("a store after write access came back").isEqualTo(DONE);
          assertThat(k.isModified(page))
              .as("pmap_is_modified after it (TLB not flushed?)")
              .isTrue();
        });
  }
}
