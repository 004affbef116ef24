package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.pmap.KvaLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The fault path and its undoing leave nothing for the garbage collector. */
class FaultAllocationTest {

  private static final int PAGES = 256;
  private static final int WARM_UP = 400;
  private static final int ATTEMPTS = 5000;

  private final TestKernel kernel = TestKernel.small();
  private final FakeTrapFrame frame = new FakeTrapFrame();

  @Test
  void zeroFillFaultsAndTheRemovalOfTheirPagesAllocateNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeTrue(threads.isThreadAllocatedMemorySupported(), "the JVM counts allocated bytes");
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGES * PAGE);
    long va = kernel.vm.kmem().allocPageable(submap.map(), PAGES * PAGE).orThrow().value();
    round(va, submap.map());
    for (int i = 0; i < WARM_UP; i++) {
      round(va, submap.map());
    }

    long zeroFills = kernel.counter(VmCounter.ZFOD);
    long fewest = Long.MAX_VALUE;
    int rounds = 0;
    // The compiler may replace the interpreter's code, which allocates, at any time.
    for (; rounds < ATTEMPTS && fewest > 0; rounds++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      round(va, submap.map());
      fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
    }

    assertThat(kernel.counter(VmCounter.ZFOD) - zeroFills).isEqualTo((long) rounds * PAGES);
    assertThat(fewest).as("bytes allocated for %d faults and removals", PAGES).isZero();
    kernel.check();
  }

  private void round(long va, VmMap map) {
    for (long at = va; at != va + PAGES * PAGE; at += PAGE) {
      TrapVerdict verdict = kernel.vm.hostKernel().pageFault(frame.at(at, TrapFrame.PF_WRITE));
      if (verdict != TrapVerdict.Resume.INSTANCE) {
        throw new AssertionError(verdict);
      }
    }
    VmObject object = map.first().object();
    kernel.vm.pmap().remove(va, va + PAGES * PAGE);
    kernel.vm.objects().pageRemove(object, 0, PAGES);
  }

  @Test
  void theSubmapLiesInTheKernelMap() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGES * PAGE);

    assertThat(submap.min().value()).isEqualTo(KvaLayout.KVA_START);
  }
}
