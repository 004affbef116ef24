package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.report.MapEntryReport;
import dev.kmemu.vm.report.WiredPageReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportsTest {

  private final TestKernel kernel = TestKernel.small();

  @Test
  void wiredPagesAreListedByAddressWithWhatHoldsThem() {
    long va = kernel.alloc(2 * PAGE);

    assertThat(kernel.vm.reports().wiredPages())
        .containsExactly(
            new WiredPageReport(
                new VirtualAddress(va),
                kernel.pageAt(va).address(),
                "kernel_object",
                VmArith.offToIdx(va),
                1),
            new WiredPageReport(
                new VirtualAddress(va + PAGE),
                kernel.pageAt(va + PAGE).address(),
                "kernel_object",
                VmArith.offToIdx(va + PAGE),
                1));
  }

  @Test
  void mappingsMadeByHandAreNotWiredPages() {
    long va = kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow().value();

    kernel.vm.kernelEnter().kenter(va, kernel.vm.pages().get(3).physAddr());

    assertThat(kernel.vm.reports().wiredPages()).isEmpty();
  }

  @Test
  void entriesNameTheirObjectsAndSubmaps() {
    long va = kernel.alloc(PAGE);
    kernel.vm.kmem().allocNofault(kernel.map(), PAGE, PAGE).orThrow();
    kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGE);

    List<MapEntryReport> entries = kernel.vm.reports().entries(kernel.map());

    assertThat(entries).hasSize(4);
    assertThat(entries.get(0))
        .isEqualTo(
            new MapEntryReport(
                new VirtualAddress(va),
                new VirtualAddress(va + PAGE),
                MapType.NORMAL,
                "kernel_object",
                va,
                1,
                0));
    assertThat(entries.get(1).eflags()).isEqualTo(EntryFlags.NOFAULT);
    assertThat(entries.get(2).object()).isEqualTo("clean_map");
    assertThat(entries.get(3).start()).isEqualTo(new VirtualAddress(KvaLayout.KERNBASE));
  }

  @Test
  void countersFollowUpstreamsNamesInOrder() {
    kernel.alloc(3 * PAGE);

    var counters = kernel.vm.reports().counters();

    assertThat(counters).containsEntry("v_wire_count", 3L);
    assertThat(counters).containsEntry("kernel_pmap.wired_count", 3L);
    assertThat(List.copyOf(counters.keySet())).startsWith("v_page_count", "v_free_count");
    long free = kernel.counter(VmCounter.FREE_COUNT);
    assertThat(counters).containsEntry("v_free_count", free);
    assertThat(counters).containsEntry("v_page_count", free + 3);
  }
}
