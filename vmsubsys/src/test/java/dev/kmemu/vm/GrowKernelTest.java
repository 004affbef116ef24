package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

class GrowKernelTest {

  private static final long BOOT_TABLES = 130;

  private final TestKernel kernel = TestKernel.small();

  private long kvmFree() {
    return ((SysctlReply.Value) kernel.vm.sysctl().read("vm.kvm_free")).value();
  }

  @Test
  void kvmFreeStartsAtKvmSizeAndFallsBy2MibPerTable() {
    assertThat(kernel.vm.sysctl().read("vm.kvm_size"))
        .isEqualTo(new SysctlReply.Value(137_438_949_376L));
    assertThat(kvmFree()).isEqualTo(137_438_949_376L);

    kernel.alloc(PAGE);

    assertThat(kvmFree()).isEqualTo(137_438_949_376L - KvaLayout.NBPDR);
  }

  @Test
  void freeingDoesNotGiveKvaBack() {
    long va = kernel.alloc(PAGE);
    long before = kvmFree();

    kernel.free(va, PAGE);

    assertThat(kvmFree()).isEqualTo(before);
  }

  @Test
  void theBootTablesAreUsedBeforeAnyIsMade() {
    long size = BOOT_TABLES * KvaLayout.NBPDR;

    kernel.vm.kmem().allocNofault(kernel.map(), size, PAGE).orThrow();

    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isZero();
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(KvaLayout.KVA_START + size);
    kernel.check();
  }

  @Test
  void aNewTableIsABusyWiredPageThatTheDirectoryPointsTo() {
    long size = (BOOT_TABLES + 1) * KvaLayout.NBPDR;

    long va = kernel.vm.kmem().allocNofault(kernel.map(), size, PAGE).orThrow().value();

    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(1);
    assertThat(kernel.residentCount()).isZero();
    var tables = kernel.vm.pmap().tables();
    long pde = tables.load(tables.pdeAddress(va + size - PAGE));
    assertThat(pde & 0xFFF).isEqualTo(PteBits.V | PteBits.RW | PteBits.A | PteBits.M);
    VmPage table = kernel.vm.pages().at(pde & PteBits.FRAME);
    assertThat(table.wireCount()).isEqualTo(1);
    assertThat(table.has(PageFlags.BUSY)).isTrue();
    assertThat(table.has(PageFlags.ZERO)).as("a table in use isn't a zero page").isFalse();
    kernel.check();
  }

  @Test
  void aboveKernbaseOnlyTheRangeItselfGetsTables() {
    long window = 0x1F80000000L;
    long before = kernel.vm.growth().kernelVmEnd();
    long start = KvaLayout.KERNBASE + 0x3000_0000L;

    kernel.vm.growth().grow(start, start + PAGE);

    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(before);
    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isEqualTo(1);
    assertThat(KvaLayout.KERNBASE - KvaLayout.KVA_START).isEqualTo(window);
    kernel.check();
  }

  @Test
  void growthUpToTheLastPageStopsAtKvaEnd() {
    long last = KvaLayout.KVA_END - PAGE;

    kernel.vm.growth().grow(last, KvaLayout.KVA_END);
    kernel.vm.growth().grow(last, KvaLayout.KVA_END);

    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void runningOutOfPagesForTablesIsAPanic() {
    long size = 100L << 30;

    assertThatThrownBy(() -> kernel.vm.kmem().allocNofault(kernel.map(), size, PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("pmap_growkernel: no memory to grow kernel");
  }

  @Test
  void growthAcrossKernbaseIsAPanic() {
    assertThatThrownBy(
            () -> kernel.vm.growth().grow(KvaLayout.KVA_START, KvaLayout.KERNBASE + PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessage("assertion: kend <= KERNBASE in pmap_growkernel");
  }
}
