package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.check.InvariantChecker;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.pmap.KernelEnter;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.Test;

/** Mappings that nobody accounts for, and contents by physical address. */
class KernelMappingsTest {

  private static final long DEVICE = 0xFEC0_0000L;

  private final TestKernel kernel = TestKernel.small();

  private long pte(long va) {
    return kernel.vm.pmap().tables().pte(va);
  }

  @Test
  void aDeviceIsMappedWithItsOffsetAndUnmappedBeforeItsAddressIsFree() {
    long va = kernel.vm.deviceMappings().mapdev(DEVICE + 0x10, PAGE);

    assertThat(va).isEqualTo(KvaLayout.KVA_START + 0x10);
    assertThat(pte(va)).isEqualTo(DEVICE | PteBits.V | PteBits.RW);
    assertThat(pte(va + PAGE)).as("it ends in the next page").isEqualTo((DEVICE + PAGE) | 3);
    assertThat(kernel.residentCount()).isZero();
    kernel.vm.deviceMappings().unmapdev(va, PAGE);

    assertThat(
            InvariantChecker.checkUnmapped(
                kernel.vm.pmap(), KvaLayout.KVA_START, KvaLayout.KVA_START + 2 * PAGE))
        .isEmpty();
    assertThat(kernel.alloc(PAGE)).isEqualTo(KvaLayout.KVA_START);
    assertThat(kernel.residentCount()).isEqualTo(1);
    kernel.check();
  }

  @Test
  void anUncacheableDeviceCarriesBothCacheBits() {
    long va = kernel.vm.deviceMappings().mapdevUncacheable(DEVICE, PAGE);

    assertThat(pte(va) & KernelEnter.UNCACHEABLE).isEqualTo(0x18);
  }

  @Test
  void aDeviceThatDoesNotFitIsAPanic() {
    assertThatThrownBy(() -> kernel.vm.deviceMappings().mapdev(0, 1L << 40))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("pmap_mapdev: Couldn't alloc kernel virtual memory");
  }

  @Test
  void kextractIsArithmeticForTheDirectMapAndAWalkElsewhere() {
    long va = kernel.alloc(PAGE);
    long pa = kernel.vm.pmap().extract(va);

    assertThat(kernel.vm.kernelEnter().kextract(va + 7)).isEqualTo(pa + 7);
    assertThat(kernel.vm.kernelEnter().kextract(KvaLayout.physToDmap(pa) + 7)).isEqualTo(pa + 7);
    assertThat(kernel.vm.kernelEnter().kextract(KvaLayout.KERNBASE + 0x1234)).isEqualTo(0x1234);
    assertThatThrownBy(() -> kernel.vm.kernelEnter().kextract(va + PAGE))
        .isInstanceOf(KernelPanic.class);
    assertThatThrownBy(() -> kernel.vm.kernelEnter().kextract(0x1000))
        .isInstanceOf(KernelPanic.class);
  }

  @Test
  void kenteredPagesThatAreFreedMakeTheResidentCountDrift() {
    kernel.alloc(2 * PAGE);
    long va = kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow().value();
    kernel.vm.kernelEnter().kenter(va, kernel.vm.pmap().extract(KvaLayout.KVA_START));

    kernel.free(va, PAGE);

    assertThat(kernel.residentCount()).as("one too low").isEqualTo(1);
    assertThat(kernel.vm.check()).extracting("invariant").containsOnly("V1");
  }

  @Test
  void removalWithAResidentCountOfZeroTouchesNothing() {
    long va = kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow().value();
    kernel.vm.kernelEnter().kenter(va, DEVICE);

    kernel.free(va, PAGE);

    assertThat(pte(va)).as("the entry leaks").isNotZero();
  }

  @Test
  void contentsAreZeroedAndCopiedByPhysicalAddress() {
    long va = kernel.alloc(2 * PAGE);
    long from = kernel.vm.pmap().extract(va);
    long to = kernel.vm.pmap().extract(va + PAGE);
    kernel.write(va, -1);
    kernel.write(va + PAGE - 8, 7);

    kernel.vm.pageContents().copyPage(from, to);
    assertThat(kernel.read(va + PAGE)).isEqualTo(-1);
    assertThat(kernel.read(va + 2 * PAGE - 8)).isEqualTo(7);
    kernel.vm.pageContents().zeroPageArea(to, 2, 3);
    assertThat(kernel.read(va + PAGE)).isEqualTo(0xFFFF_FF00_0000_FFFFL);
    kernel.vm.pageContents().copyPageFragment(from + PAGE - 8, to + 16, 8);
    assertThat(kernel.vm.ram().load64(new PhysicalAddress(to + 16))).isEqualTo(7);
    kernel.vm.pageContents().zeroPage(to);
    assertThat(kernel.read(va + 2 * PAGE - 8)).isZero();
    assertThatThrownBy(() -> kernel.vm.pageContents().zeroPageArea(to, 4090, 7))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> kernel.vm.pageContents().copyPageFragment(from, to + 4090, 7))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
