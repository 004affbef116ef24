package dev.kmemu.conformance;

import static dev.kmemu.conformance.GuestView.DONE;
import static dev.kmemu.conformance.GuestView.FAULT;
import static dev.kmemu.conformance.TestedKernel.PAGE;
import static dev.kmemu.conformance.TestedKernel.RW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code pmap_kenter} and its kin. */
public interface KernelEnterChecks extends ConformanceChecks {

  @Test
  default void aKenteredPageIsReadAndWritten() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(1);
          k.vm().kernelEnter().kenter(va, page.physAddr());
          assertThat(k.ring0().load(va)).as("load").isEqualTo(k.word(page));
          assertThat(k.ring0().store(va, 9)).as("store").isEqualTo(DONE);
          assertThat(k.word(page)).as("what RAM holds then").isEqualTo("0x9");
          k.vm().kernelEnter().kremove(va);
          assertThat(k.ring0().load(va)).as("load after pmap_kremove").isEqualTo(FAULT);
        });
  }

  @Test
  default void nobodyAccountsForKenteredPages() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(4);
          var statistics = k.kernelPmap().statistics();
          long resident = statistics.residentCount();
          long wired = statistics.wiredCount();
          k.vm().kernelEnter().kenter(va, page.physAddr());
          k.vm().kernelEnter().qenter(va + PAGE, List.of(page, page));
          assertThat(statistics.residentCount()).as("resident_count").isEqualTo(resident);
          assertThat(statistics.wiredCount()).as("wired_count").isEqualTo(wired);
          assertThat(page.has(PageFlags.MAPPED)).as("PG_MAPPED").isFalse();
          assertThat(k.pte(k.kernelPmap(), va) & (PteBits.MANAGED | PteBits.W))
              .as("managed and wired bits")
              .isZero();
          k.pageProtect(page, VmProt.NONE);
          assertThat(k.kernelPmap().extract(va))
              .as("the mapping after pmap_page_protect, which sees managed ones only")
              .isEqualTo(page.physAddr());
          k.vm().kernelEnter().qremove(va, 3);
          assertThat(statistics.residentCount())
              .as("resident_count after pmap_qremove")
              .isEqualTo(resident);
        });
  }

  @Test
  default void qenterMapsOneAfterTheOther() {
    onKernel(
        k -> {
          List<VmPage> pages = List.of(k.page(), k.page(), k.page());
          long va = k.kva(514);
          long b = ((va + KvaLayout.NBPDR) & -KvaLayout.NBPDR) - PAGE;
          long at = b + 2 * PAGE <= va + 514 * PAGE - PAGE ? b : va;
          k.vm().kernelEnter().qenter(at, pages);
          for (int i = 0; i < 3; i++) {
            assertThat(k.ring0().load(at + i * PAGE))
                .as("page %d of pmap_qenter", i)
                .isEqualTo(k.word(pages.get(i)));
          }
          k.vm().kernelEnter().qremove(at, 2);
          assertThat(k.ring0().load(at + PAGE))
              .as("the last page of pmap_qremove")
              .isEqualTo(FAULT);
          assertThat(k.ring0().load(at + 2 * PAGE))
              .as("the page behind")
              .isEqualTo(k.word(pages.get(2)));
          k.vm().kernelEnter().qremove(at + 2 * PAGE, 1);
        });
  }

  @Test
  default void kextractTellsWhatIsMapped() {
    onKernel(
        k -> {
          VmPage page = k.page();
          long va = k.kva(1);
          k.vm().kernelEnter().kenter(va, page.physAddr());
          assertThat(k.vm().kernelEnter().kextract(va + 0x321))
              .as("pmap_kextract")
              .isEqualTo(page.physAddr() + 0x321);
          k.vm().kernelEnter().kremove(va);
          assertThatThrownBy(() -> k.vm().kernelEnter().kextract(va))
              .as("pmap_kextract without a mapping")
              .isInstanceOf(KernelPanic.class);
        });
  }

  @Test
  default void kremoveOfWhatIsntMappedDoesNothing() {
    onKernel(
        k -> {
          long va = k.kva(1);
          long resident = k.kernelPmap().statistics().residentCount();
          k.vm().kernelEnter().kremove(va);
          k.vm().kernelEnter().kremoveQuick(va);
          k.vm().kernelEnter().qremove(va, 1);
          assertThat(k.kernelPmap().statistics().residentCount())
              .as("resident_count")
              .isEqualTo(resident);
        });
  }

  @Test
  default void deviceMemoryIsMappedUncached() {
    onKernel(
        k -> {
          long va = k.kva(2);
          k.vm().kernelEnter().enterDevice(va, 0xFEB0_0000L, 2, KernelEnter.UNCACHEABLE);
          long bits = PteBits.V | PteBits.RW | KernelEnter.UNCACHEABLE;
          assertThat(k.pte(k.kernelPmap(), va))
              .as("the first entry")
              .isEqualTo(0xFEB0_0000L | bits);
          assertThat(k.pte(k.kernelPmap(), va + PAGE))
              .as("the second entry")
              .isEqualTo(0xFEB0_1000L | bits);
          k.vm().kernelEnter().qremove(va, 2);
        });
  }

  @Test
  default void kenterWithoutATablePanics() {
    onKernel(
        k -> {
          assertThatThrownBy(
                  () -> k.vm().kernelEnter().kenter(KvaLayout.KVA_END - (1L << 30), PAGE))
              .as("pmap_kenter of an address without a page table")
              .isInstanceOf(KernelPanic.class);
          assertThatThrownBy(
                  () -> k.kernelPmap().enter(KvaLayout.KVA_END - (1L << 30), k.page(), RW, false))
              .as("pmap_enter of an address without a page table")
              .isInstanceOf(KernelPanic.class);
        });
  }
}
