package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** What is said of the bits that the CPU sets. */
public interface AccessedModifiedChecks extends ConformanceChecks {

  @Test
  default void aLoadIsntAModification() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.clearReference(page);
          assertThat(k.pte(space.pmap(), DATA) & (PteBits.A | PteBits.M))
              .as("A and M after they were cleared")
              .isZero();
          k.ring3(space).load(DATA);
          assertThat(k.pte(space.pmap(), DATA) & (PteBits.A | PteBits.M))
              .as("A and M after a load")
              .isEqualTo(PteBits.A);
          assertThat(k.isModified(page)).as("pmap_is_modified after a load").isFalse();
        });
  }

  @Test
  default void aStoreIsAModificationUntilItIsCleared() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, false);
          k.ring3(space).store(DATA, 1);
          assertThat(k.isModified(page)).as("pmap_is_modified after a store").isTrue();
          k.clearModify(page);
          assertThat(k.isModified(page)).as("pmap_is_modified after pmap_clear_modify").isFalse();
          assertThat(page.dirty()).as("dirty blocks, which pmap_clear_modify doesn't set").isZero();
          k.ring3(space).store(DATA, 2);
          assertThat(k.isModified(page)).as("pmap_is_modified after another store").isTrue();
        });
  }

  @Test
  default void aModificationThroughAnyMappingCounts() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace one = k.space();
          UserSpace other = k.space();
          long va = k.kva(1);
          k.kernelPmap().enter(va, page, RW, false);
          one.pmap().enter(DATA, page, VmProt.READ, false);
          other.pmap().enter(DATA, page, RW, false);
          k.ring3(one).load(DATA);
          k.ring3(other).store(DATA, 1);
          assertThat(k.isModified(page))
              .as("pmap_is_modified after a store through the last of three mappings")
              .isTrue();
          k.clearModify(page);
          assertThat(k.pte(other.pmap(), DATA) & PteBits.M)
              .as("M of the last mapping after pmap_clear_modify")
              .isZero();
        });
  }

  @Test
  default void clearingLeavesProtectionAndWiring() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          space.pmap().enter(DATA, page, RW, true);
          long before = k.pte(space.pmap(), DATA);
          k.ring3(space).store(DATA, 1);
          k.hold(
              () -> {
                k.kernelPmap().mappings().clearModify(page);
                k.kernelPmap().mappings().clearReference(page);
              });
          assertThat(k.pte(space.pmap(), DATA))
              .as("the entry, but for A and M")
              .isEqualTo(before & ~(PteBits.A | PteBits.M));
        });
  }

  @Test
  default void modificationsInTheCleanMapDontCount() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(1);
          k.kernelPmap().mappings().setCleanMap(va, va + PAGE);
          k.kernelPmap().enter(va, page, RW, false);
          k.ring0().store(va, 1);
          assertThat(k.isModified(page))
              .as("pmap_is_modified after a store in the clean map")
              .isFalse();
          k.kernelPmap().mappings().setCleanMap(0, 0);
          assertThat(k.isModified(page)).as("pmap_is_modified once there is no clean map").isTrue();
        });
  }

  @Test
  default void referencesAreCountedOnceForEachMappingThatWasUsed() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace one = k.space();
          UserSpace other = k.space();
          one.pmap().enter(DATA, page, RW, false);
          one.pmap().enter(DATA + PAGE, page, RW, false);
          other.pmap().enter(DATA, page, RW, false);
          k.clearReference(page);
          assertThat(k.references(page)).as("pmap_ts_referenced when no mapping was used").isZero();
          k.ring3(one).load(DATA);
          k.ring3(one).load(DATA);
          k.ring3(other).store(DATA, 1);
          assertThat(k.references(page))
              .as("pmap_ts_referenced when two of three mappings were used")
              .isEqualTo(2);
          assertThat(k.references(page)).as("pmap_ts_referenced again").isZero();
        });
  }

  @Test
  default void moreThanFiveReferencesAreLeftForTheNextCount() {
    onKernel(
        k -> {
          VmPage page = k.page();
          UserSpace space = k.space();
          for (int i = 0; i < 7; i++) {
            space.pmap().enter(DATA + i * PAGE, page, VmProt.READ, false);
          }
          assertThat(k.references(page)).as("pmap_ts_referenced of 7 used mappings").isEqualTo(5);
          assertThat(k.references(page))
              .as("pmap_ts_referenced of those that it left")
              .isEqualTo(2);
        });
  }
}
