package dev.kmemu.conformance;

import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.testkit.UserSpace;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** {@code pmap_growkernel}. */
public interface KernelGrowthChecks extends ConformanceChecks {

  /** An address above the kernel image that boot makes no table for. */
  long BEYOND = KvaLayout.KVA_END - (1L << 30) + 3 * PAGE;

  private static long firstWithoutTable(TestedKernel k) {
    return KvaLayout.KVA_START + k.vm().boot().kernelTables() * KvaLayout.NBPDR;
  }

  @Test
  default void newTablesAreSeenByAllSpaces() {
    onKernel(
        k -> {
          UserSpace space = k.space();
          VmPage page = k.page();
          k.vm().growth().grow(BEYOND, BEYOND + PAGE);
          k.kernelPmap().enter(BEYOND, page, RW, false);
          assertThat(k.ring0().load(BEYOND))
              .as("a page below a new table, in the kernel's space")
              .isEqualTo(k.word(page));
          assertThat(k.ring0In(space).load(BEYOND))
              .as("the same in a user space that is older than the table")
              .isEqualTo(k.word(page));
          assertThat(k.ring0In(k.space()).load(BEYOND))
              .as("the same in a younger one")
              .isEqualTo(k.word(page));
        });
  }

  @Test
  default void newTablesAreEmpty() {
    onKernel(
        k -> {
          k.scribbleOverFreePages(-1L);
          k.vm().growth().grow(BEYOND, BEYOND + PAGE);
          for (int i = 0; i < 512; i++) {
            long va = (BEYOND & -KvaLayout.NBPDR) + i * PAGE;
            assertThat(k.pte(k.kernelPmap(), va)).as("entry %d of a new table", i).isZero();
          }
        });
  }

  @Test
  default void theMarkMovesToTheEndOfWhatHasTables() {
    onKernel(
        k -> {
          long end = firstWithoutTable(k) + 2 * KvaLayout.NBPDR;
          k.vm().growth().grow(end - PAGE, end);
          assertThat(k.vm().growth().kernelVmEnd()).as("kernel_vm_end").isEqualTo(end);
          for (long va = firstWithoutTable(k); va != end; va += KvaLayout.NBPDR) {
            assertThat(k.kernelPmap().tables().pde(va) & PteBits.V)
                .as("the table of 0x%x", va)
                .isEqualTo(PteBits.V);
          }
          k.vm().growth().grow(BEYOND, BEYOND + PAGE);
          assertThat(k.vm().growth().kernelVmEnd())
              .as("kernel_vm_end after growth above KERNBASE")
              .isEqualTo(end);
          k.vm().growth().grow(KvaLayout.KVA_START, KvaLayout.KVA_START + PAGE);
          assertThat(k.vm().growth().kernelVmEnd())
              .as("kernel_vm_end, which never falls")
              .isEqualTo(end);
        });
  }

  @Test
  default void tablesThatThereAreStayWithTheirEntries() {
    onKernel(
        k -> {
          GuestView guest = k.ring0();
          VmPage page = k.page();
          k.vm().growth().grow(BEYOND, BEYOND + PAGE);
          k.kernelPmap().enter(BEYOND, page, RW, false);
          long free = k.freePages();
          k.vm().growth().grow(BEYOND - 2 * PAGE, BEYOND + 2 * PAGE);
          assertThat(free - k.freePages()).as("pages that growing again took").isZero();
          assertThat(guest.load(BEYOND)).as("a page that was there").isEqualTo(k.word(page));
          k.kernelPmap().remove(BEYOND, BEYOND + PAGE);
          assertThat(k.freePages())
              .as("free pages after the table's last page went: kernel tables stay")
              .isEqualTo(free);
        });
  }

  @Test
  default void growthEndsAtATable() {
    onKernel(
        k -> {
          long free = k.freePages();
          long start = BEYOND & -KvaLayout.NBPDR;
          k.vm().growth().grow(start, start + KvaLayout.NBPDR);
          assertThat(free - k.freePages()).as("pages that one table's range took").isEqualTo(1);
          assertThat(k.kernelPmap().tables().pde(start + KvaLayout.NBPDR) & PteBits.V)
              .as("the table behind the range")
              .isZero();
        });
  }
}
