package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.DATA;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** That a snapshot brings mappings, counts and bits back. */
public interface SnapshotChecks extends ConformanceChecks {

  @Test
  default void aRestoredKernelIsTheOneThatWasCaptured() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          UserSpace other = k.space();
          VmPage page = k.page();
          VmPage second = k.page();
          long va = k.kva(1);
          space.pmap().enter(DATA, page, RW, true);
          space.pmap().enter(DATA + PAGE, second, VmProt.READ, false);
          other.pmap().enter(DATA, page, RW, false);
          k.kernelPmap().enter(va, page, RW, false);
          k.ring0In(other).store(DATA, 4);
          k.leaveUserSpaces();
          long resident = space.pmap().statistics().residentCount();
          long free = k.freePages();
          long entry = k.pte(space.pmap(), DATA);
          Runnable restore = k.capture();

          space.pmap().remove(DATA, DATA + 2 * PAGE);
          k.pageProtect(page, VmProt.NONE);
          other.pmap().enter(DATA + (1L << 39), second, RW, true);
          restore.run();

          assertThat(space.pmap().statistics().residentCount())
              .as("resident_count")
              .isEqualTo(resident);
          assertThat(space.pmap().statistics().wiredCount()).as("wired_count").isEqualTo(1);
          assertThat(k.freePages()).as("free pages").isEqualTo(free);
          assertThat(k.pte(space.pmap(), DATA)).as("an entry").isEqualTo(entry);
          assertThat(other.pmap().extract(DATA + (1L << 39))).as("what was mapped since").isZero();
          assertThat(page.has(PageFlags.MAPPED)).as("PG_MAPPED").isTrue();
          assertThat(k.isModified(page))
              .as("pmap_is_modified of a page that was stored to before")
              .isTrue();
          k.requireInvariants();
          k.pageProtect(page, VmProt.NONE);
          assertThat(
                  List.of(
                      space.pmap().extract(DATA),
                      other.pmap().extract(DATA),
                      k.kernelPmap().extract(va)))
              .as("all mappings of a page after pmap_page_protect")
              .containsOnly(0L);
          space.pmap().remove(0, KvaLayout.USER_END);
          assertThat(space.pmap().statistics().residentCount())
              .as("resident_count of the emptied map")
              .isEqualTo(1);
        });
  }
}
