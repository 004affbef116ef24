package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The corners of {@code kmem_alloc3}. */
class KmemAllocEdgeCasesTest {

  private final TestKernel kernel = TestKernel.small();

  @AfterEach
  void check() {
    kernel.check();
  }

  @Test
  void whatFitsNowhereChangesNothing() {
    var before = kernel.vm.reports().counters();
    var entries = kernel.vm.reports().entries(kernel.map());
    long end = kernel.vm.growth().kernelVmEnd();

    assertThat(kernel.vm.kmem().alloc(kernel.map(), KvaLayout.KVA_SIZE))
        .isEqualTo(new KmemResult.NoSpace("kernel_map", KvaLayout.KVA_SIZE));

    assertThat(kernel.vm.reports().counters()).isEqualTo(before);
    assertThat(kernel.vm.reports().entries(kernel.map())).isEqualTo(entries);
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(end);
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, PAGE - 1, PAGE, PAGE + 1})
  void sizesAreRoundedUpToPages(long size) {
    kernel.alloc(size);

    assertThat(kernel.residentCount()).isEqualTo(size <= PAGE ? 1 : 2);
  }

  @Test
  void pageableMakesPagesThatAreNeitherWiredNorMappedNorQueued() {
    long va = pageable();

    VmPage page =
        Objects.requireNonNull(
            kernel.vm.objects().kernelObject().residentPage(VmArith.offToIdx(va)));
    assertThat(page.wireCount()).isZero();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
    assertThat(page.valid()).isEqualTo(VmPage.BITS_ALL);
    assertThat(page.pvCount()).isZero();
    assertThat(kernel.vm.pmap().extract(va)).isZero();
    assertThat(kernel.map().first().wiredCount()).isZero();
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
  }

  @Test
  void pageablePagesAreFaultedInUnwired() {
    long va = pageable();

    assertThat(kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, FaultFlags.NORMAL))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.residentCount()).isEqualTo(1);
    assertThat(kernel.wiredCount()).isZero();
    assertThat(kernel.pageAt(va).queue()).isEqualTo(PageQueueIndex.ACTIVE);
  }

  private long pageable() {
    return kernel.vm.kmem().alloc3(kernel.map(), PAGE, MapWiring.KM_PAGEABLE).orThrow().value();
  }

  @Test
  void aSubmapGetsTheSameUnderItsAbsoluteAddress() {
    KmemSubmap clean = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 8 * PAGE);
    long end = kernel.vm.growth().kernelVmEnd();
    int references = kernel.vm.pmap().referenceCount();

    long va = kernel.vm.kmem().alloc(clean.map(), 2 * PAGE).orThrow().value();

    assertThat(va).isEqualTo(clean.min().value());
    assertThat(clean.map().first().offset()).isEqualTo(va);
    assertThat(clean.map().size()).isEqualTo(2 * PAGE);
    assertThat(kernel.vm.objects().kernelObject().residentPage(VmArith.offToIdx(va)))
        .isSameAs(kernel.pageAt(va));
    assertThat(kernel.wiredCount()).isEqualTo(2);
    assertThat(kernel.vm.growth().kernelVmEnd()).as("grown with the parent").isEqualTo(end);
    assertThat(kernel.vm.pmap().referenceCount()).isEqualTo(references);
  }

  @Test
  void freeingInAnyPartitionRestoresTheMap() {
    var entries = kernel.vm.reports().entries(kernel.map());
    var counters = kernel.vm.reports().counters();
    long va = kernel.alloc(7 * PAGE);

    for (int page : new int[] {3, 0, 6, 2, 5, 1, 4}) {
      kernel.vm.kmem().free(kernel.map(), new VirtualAddress(va + page * PAGE), PAGE);
      kernel.check();
    }

    assertThat(kernel.vm.reports().entries(kernel.map())).isEqualTo(entries);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(counters.get("v_free_count"));
  }
}
