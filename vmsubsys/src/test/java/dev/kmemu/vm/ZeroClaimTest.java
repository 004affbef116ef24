package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmSpace;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A page that waits on a free queue with {@code PG_ZERO} is written behind the VM's back, as a
 * guest does through the direct map. Nobody may see what was written.
 */
class ZeroClaimTest {

  private static final long DIRT = 0x00DD_0000_0000_0000L;

  /** The last word, so that a look at the first bytes isn't enough. */
  private static final long WHERE = PAGE - Long.BYTES;

  private final TestKernel kernel = TestKernel.small();

  @BeforeEach
  void dirtyEveryFreePage() {
    assertThat(kernel.counter(VmCounter.ZERO_COUNT))
        .as("pages that claim to be zero")
        .isEqualTo(kernel.counter(VmCounter.FREE_COUNT));
    storeInFreePages(DIRT);
  }

  @Test
  void kmemAllocReturnsZeroesAllTheSame() {
    long va = kernel.alloc(4 * PAGE);

    for (long at = va + WHERE; at < va + 4 * PAGE; at += PAGE) {
      assertThat(kernel.read(at)).as("word at 0x%x", at).isZero();
    }
    checkWithCleanPages();
  }

  @Test
  void aFaultFillsThePageWithZeroesAndCountsItAsFilled() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 4 * PAGE);
    VirtualAddress va = kernel.vm.kmem().allocPageable(submap.map(), PAGE).orThrow();

    assertThat(kernel.vm.faults().fault(submap.map(), va.value(), VmProt.READ, 0))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va.value() + WHERE)).isZero();
    assertThat(kernel.counter(VmCounter.ZFOD)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.OZFOD)).isZero();
    checkWithCleanPages();
  }

  @Test
  void aUsersPageTableIsEmptyAllTheSame() {
    VmSpace space = kernel.vm.spaces().alloc();
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(null, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
    assertThat(kernel.vm.maps().find(space.map(), mapping, PAGE, PAGE, PAGE, false).code())
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.vm.faults().fault(space.map(), PAGE, VmProt.WRITE, 0))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(space.pmap().tables().pte(511 * PAGE)).isZero();
    kernel.vm.spaces().free(space);
    storeInFreePages(0);
    kernel.check();
  }

  @Test
  void memoryOfThePhysPagerIsZeroAllTheSame() {
    VmObject object = kernel.vm.paging().pagers().phys(1);
    MapInsertion.Mapping mapping =
        new MapInsertion.Mapping(object, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
    long va = kernel.vm.maps().find(kernel.map(), mapping, PAGE, PAGE).address();

    assertThat(kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, 0))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va + WHERE)).isZero();
    kernel.free(va, PAGE);
    checkWithCleanPages();
  }

  /** The pages that nobody took still break an invariant, which is as it should be. */
  private void checkWithCleanPages() {
    assertThat(kernel.vm.check()).extracting("invariant").containsOnly("P7");
    storeInFreePages(0);
    kernel.check();
  }

  private void storeInFreePages(long word) {
    for (int i = 0; i < kernel.vm.pages().size(); i++) {
      VmPage page = kernel.vm.pages().get(i);
      if (page.queue() == PageQueueIndex.FREE + page.color()) {
        kernel.vm.ram().store64(new PhysicalAddress(page.physAddr() + WHERE), word);
      }
    }
  }
}
