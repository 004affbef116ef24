package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.Test;

/** What comes of a range that is freed while mappings made by hand are still in it. */
class KenterHazardTest {

  private final TestKernel kernel = TestKernel.small();
  private final long foreign = kernel.vm.pages().get(7).physAddr();

  private long nofault(long pages) {
    return kernel.vm.kmem().allocNofault(kernel.map(), pages * PAGE, PAGE).orThrow().value();
  }

  @Test
  void residentCountDriftsLowByOneForEach() {
    kernel.alloc(4 * PAGE);
    long va = nofault(2);
    kernel.vm.kernelEnter().kenter(va, foreign);
    kernel.vm.kernelEnter().kenter(va + PAGE, foreign);

    kernel.free(va, 2 * PAGE);

    assertThat(kernel.residentCount()).isEqualTo(2);
    assertThat(kernel.vm.pmap().extract(va)).isZero();
  }

  @Test
  void atZeroGenuineMappingsAreRemovedNoMore() {
    KmemSubmap clean = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGE);
    long genuine = kernel.vm.kmem().allocPageable(clean.map(), PAGE).orThrow().value();
    assertThat(kernel.vm.hostKernel().pageFault(FakeTrapFrame.write(genuine)))
        .isEqualTo(TrapVerdict.Resume.INSTANCE);
    drift();
    assertThat(kernel.residentCount()).isZero();

    kernel.vm.pmap().remove(genuine, genuine + PAGE);

    assertThat(kernel.vm.pmap().extract(genuine)).as("a leaked mapping").isNotZero();
  }

  @Test
  void belowZeroTheAssertionFires() {
    long genuine = kernel.alloc(PAGE);
    drift();

    assertThatThrownBy(() -> kernel.free(genuine, PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("assertion: pmap->pm_stats.resident_count > 0");
  }

  private void drift() {
    long va = nofault(1);
    kernel.vm.kernelEnter().kenter(va, foreign);
    kernel.free(va, PAGE);
  }

  @Test
  void inARangeOfKernelObjectTheMappingSurvives() {
    long va = kernel.vm.kmem().alloc3(kernel.map(), PAGE, MapWiring.KM_PAGEABLE).orThrow().value();
    kernel.vm.kernelEnter().kenter(va, foreign);

    kernel.free(va, PAGE);

    assertThat(kernel.vm.pmap().extract(va)).isEqualTo(foreign);
    assertThat(kernel.map().nentries()).isEqualTo(1);
  }

  @Test
  void overAWiredPageTheWrongPageIsUnwired() {
    long victim = kernel.alloc(PAGE);
    VmPage wrong = kernel.pageAt(victim);
    kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow();
    long va = kernel.alloc(PAGE);
    VmPage right = kernel.pageAt(va);
    kernel.vm.kernelEnter().kenter(va, wrong.physAddr());

    kernel.vm.maps().wiring().wire(kernel.map(), va, va + PAGE, MapWiring.KM_PAGEABLE);

    assertThat(wrong.wireCount()).isZero();
    assertThat(right.wireCount()).isEqualTo(1);
  }

  @Test
  void removedFirstNothingIsMiscounted() {
    kernel.alloc(PAGE);
    long va = nofault(2);
    kernel.vm.kernelEnter().kenter(va, foreign);
    kernel.vm.kernelEnter().kremove(va);

    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(va), 2 * PAGE);

    assertThat(kernel.residentCount()).isEqualTo(1);
    kernel.check();
  }
}
