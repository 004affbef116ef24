package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapSpace;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KvaLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_findspace} in a submap of eight pages: W = wired, P = pageable, . = free. */
class FindspaceTest {

  private final TestKernel kernel = TestKernel.small();
  private final KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "pager_map", 8 * PAGE);
  private final VmMap map = submap.map();

  /** {@code W P . W . . . .} */
  @BeforeEach
  void fill() {
    map.setSystemMap();
    kernel.vm.kmem().alloc(map, PAGE).orThrow();
    kernel.vm.kmem().allocPageable(map, PAGE).orThrow();
    long gap = kernel.vm.kmem().allocPageable(map, PAGE).orThrow().value();
    kernel.vm.kmem().alloc(map, PAGE).orThrow();
    kernel.vm.kmem().free(map, new VirtualAddress(gap), PAGE);
  }

  @AfterEach
  void check() {
    kernel.check();
  }

  private long find(long start, long length, long align) {
    map.lock();
    try {
      return kernel.vm.maps().space().find(map, start, length, align, 0);
    } finally {
      map.unlock();
    }
  }

  @Test
  void theLowestGapThatFitsIsTaken() {
    assertThat(find(map.min(), PAGE, PAGE)).isEqualTo(kva(2));
    assertThat(find(map.min(), 2 * PAGE, PAGE)).isEqualTo(kva(4));
    assertThat(find(map.min(), 4 * PAGE, PAGE)).isEqualTo(kva(4));
    assertThat(find(map.min(), 5 * PAGE, PAGE)).isEqualTo(MapSpace.NO_SPACE);
  }

  @Test
  void aStartBelowTheMapIsRaisedToItsMinimum() {
    assertThat(find(0, PAGE, PAGE)).isEqualTo(kva(2));
  }

  @Test
  void onlyAStartAboveTheMaximumFailsAtOnce() {
    assertThat(find(map.max(), 0, PAGE)).isEqualTo(map.max());
    assertThat(find(map.max() + 1, 0, 1)).isEqualTo(MapSpace.NO_SPACE);
    assertThat(find(map.max(), 1, 1)).isEqualTo(MapSpace.NO_SPACE);
  }

  @Test
  void aStartInsideAnEntryMovesToItsEnd() {
    assertThat(find(kva(3) + 5, PAGE, PAGE)).isEqualTo(kva(4));
  }

  @Test
  void aStartInsideAGapStaysThere() {
    assertThat(find(kva(5), PAGE, PAGE)).isEqualTo(kva(5));
    assertThat(find(kva(5) + 1, PAGE, PAGE)).isEqualTo(kva(6));
  }

  @Test
  void lengthZeroFitsBetweenTwoEntriesThatTouch() {
    assertThat(find(map.min(), 0, PAGE)).isEqualTo(kva(1));
  }

  @Test
  void lengthsNeedNotBeWholePages() {
    assertThat(find(map.min(), 1, 1)).isEqualTo(kva(2));
    assertThat(find(map.min(), PAGE + 1, 1)).isEqualTo(kva(4));
  }

  @Test
  void alignmentsThatAreNoPowersOfTwoAreRoundedUpByDivision() {
    long align = 3 * PAGE;

    long found = find(map.min(), PAGE, align);

    assertThat(Long.remainderUnsigned(found, align)).isZero();
    assertThat(found).isBetween(kva(2), kva(8));
  }

  @Test
  void anEndOrAnAlignmentThatWrapsFails() {
    assertThat(find(map.min(), -PAGE, PAGE)).isEqualTo(MapSpace.NO_SPACE);
    assertThat(find(map.min(), PAGE, Long.MIN_VALUE)).isEqualTo(MapSpace.NO_SPACE);
  }

  @Test
  void theHintBecomesTheEntryBeforeTheGap() {
    find(map.min(), PAGE, PAGE);
    assertThat(map.hint().end()).isEqualTo(kva(2));

    find(map.min(), 2 * PAGE, PAGE);
    assertThat(map.hint().end()).isEqualTo(kva(4));
  }

  @Test
  void aSubmapGrowsNoPageTables() {
    long before = kernel.vm.growth().kernelVmEnd();

    find(map.min(), 2 * PAGE, PAGE);

    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(before);
  }

  @Test
  void theKernelMapGrowsThemUpToTheEndOfTheRange() {
    kernel.map().lock();
    try {
      long found = kernel.vm.maps().space().find(kernel.map(), kva(512 * 3), PAGE, PAGE, 0);
      assertThat(found).isEqualTo(kva(512 * 3));
    } finally {
      kernel.map().unlock();
    }

    assertThat(kernel.vm.growth().kernelVmEnd())
        .isEqualTo(KvaLayout.KVA_START + 4 * KvaLayout.NBPDR);
  }
}
