package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code kmem_suballoc} leaves behind. */
class KmemSuballocTest {

  private final TestKernel kernel = TestKernel.small();

  @AfterEach
  void check() {
    kernel.check();
  }

  private KmemSubmap suballoc(long size) {
    return kernel.vm.kmem().suballoc(kernel.map(), "clean_map", size);
  }

  @Test
  void itTakesTheFirstFitRoundedUpToPages() {
    kernel.alloc(PAGE);

    KmemSubmap submap = suballoc(PAGE + 1);

    assertThat(submap.min().value()).isEqualTo(kva(1));
    assertThat(submap.max().value()).isEqualTo(kva(3));
    assertThat(submap.map().min()).isEqualTo(kva(1));
    assertThat(submap.map().max()).isEqualTo(kva(3));
  }

  @Test
  void theParentHasOneEntryOfExactlyItsRange() {
    long before = kernel.map().size();

    KmemSubmap submap = suballoc(4 * PAGE);

    VmMapEntry entry = kernel.map().first();
    assertThat(entry.maptype()).isEqualTo(MapType.SUBMAP);
    assertThat(entry.submap()).isSameAs(submap.map());
    assertThat(entry.object()).isNull();
    assertThat(List.of(entry.start(), entry.end())).containsExactly(kva(0), kva(4));
    assertThat(kernel.map().size() - before).isEqualTo(4 * PAGE);
  }

  @Test
  void itSharesTheParentsPmapAndReferencesIt() {
    int references = kernel.vm.pmap().referenceCount();

    KmemSubmap submap = suballoc(PAGE);

    assertThat(submap.map().pmap()).isSameAs(kernel.vm.pmap());
    assertThat(kernel.vm.pmap().referenceCount()).isEqualTo(references + 1);
  }

  @Test
  void theNewMapIsEmptyAndNoSystemMap() {
    KmemSubmap submap = suballoc(PAGE);

    assertThat(submap.map().nentries()).isZero();
    assertThat(submap.map().size()).isZero();
    assertThat(submap.map().isSystemMap()).isFalse();
  }

  @Test
  void pageTablesAreMadeForAllOfIt() {
    long size = (kernel.vm.boot().kernelTables() + 2) * KvaLayout.NBPDR;

    KmemSubmap submap = suballoc(size);

    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(submap.max().value());
    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isEqualTo(2);
  }

  @Test
  void neitherPageableNeighboursNorOtherSubmapsMergeWithIt() {
    kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow();
    suballoc(PAGE);
    suballoc(PAGE);
    kernel.vm.kmem().allocPageable(kernel.map(), PAGE).orThrow();

    assertThat(kernel.map().nentries()).isEqualTo(5);
  }

  @Test
  void aSubmapOfASubmapNeedsNoPageTables() {
    KmemSubmap clean = suballoc(8 * PAGE);
    long end = kernel.vm.growth().kernelVmEnd();

    KmemSubmap buffer = kernel.vm.kmem().suballoc(clean.map(), "buffer_map", 3 * PAGE);
    KmemSubmap pager = kernel.vm.kmem().suballoc(clean.map(), "pager_map", 5 * PAGE);

    assertThat(pager.min()).isEqualTo(buffer.max());
    assertThat(clean.map().size()).isEqualTo(8 * PAGE);
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(end);
  }

  @Test
  void itsPanicsNameTheCodeAndLeaveTheParentAsItWas() {
    var entries = kernel.vm.reports().entries(kernel.map());
    int references = kernel.vm.pmap().referenceCount();

    assertThatThrownBy(() -> suballoc(KvaLayout.KVA_SIZE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc (bad status return of 3");
    assertThatThrownBy(() -> suballoc(0))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc (bad status return of 1");
    assertThatThrownBy(() -> suballoc(-1))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc (bad status return of 1");

    assertThat(kernel.vm.reports().entries(kernel.map())).isEqualTo(entries);
    assertThat(kernel.vm.pmap().referenceCount()).isEqualTo(references);
  }
}
