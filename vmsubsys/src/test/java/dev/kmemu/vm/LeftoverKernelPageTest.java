package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.Test;

/**
 * A page of kernel_object is still there, on the active queue, where {@code kmem_alloc3} puts its
 * range. Between the end of its busy state and its wiring the page may be on no queue, or somebody
 * in want of memory takes it.
 */
class LeftoverKernelPageTest {

  private static final long DIRT = 0x5A5A_5A5AL;

  private final TestKernel kernel = TestKernel.small();

  @Test
  void itIsOnNoQueueOnceItIsNotBusy() {
    VmPage page = leaveBehind(TestKernel.kva(1));

    // KM_PAGEABLE ends before the wiring, which would take the page off its queue as well.
    KmemResult result = kernel.vm.kmem().alloc3(kernel.map(), 2 * PAGE, MapWiring.KM_PAGEABLE);

    assertThat(result.orThrow().value()).isEqualTo(TestKernel.kva(0));
    assertThat(page.owner()).isSameAs(kernel.vm.objects().kernelObject());
    assertThat(page.isBusy()).isFalse();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
    kernel.check();
  }

  @Test
  void itIsZeroedWiredAndUsed() {
    VmPage page = leaveBehind(TestKernel.kva(1));

    long va = kernel.alloc(2 * PAGE);

    assertThat(kernel.pageAt(va + PAGE)).isSameAs(page);
    assertThat(page.wireCount()).isEqualTo(1);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
    assertThat(kernel.read(va + PAGE)).isZero();
    kernel.check();
  }

  private VmPage leaveBehind(long va) {
    kernel.vm.tokens().vm().get();
    try {
      VmObject object = kernel.vm.objects().kernelObject();
      VmPage page = kernel.vm.allocator().alloc(object, VmArith.offToIdx(va), AllocRequest.NORMAL);
      if (page == null) {
        throw new AssertionError("no free page");
      }
      kernel.vm.ram().store64(new PhysicalAddress(page.physAddr()), DIRT);
      page.setValid(true);
      kernel.vm.pageState().activate(page);
      kernel.vm.pageState().wakeup(page);
      return page;
    } finally {
      kernel.vm.tokens().vm().release();
    }
  }
}
