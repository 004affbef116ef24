package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import dev.kmemu.emulator.cpu.TrapFrame;
import dev.kmemu.emulator.cpu.TrapVerdict;
import dev.kmemu.vm.kern.KernReturn;
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
  private static final int COPIES = 48;
  private static final int WARM_UP = 400;
  private static final int ATTEMPTS = 5000;

  private final TestKernel kernel = TestKernel.small();
  private final FakeTrapFrame frame = new FakeTrapFrame();

  @Test
  void zeroFillFaultsAndTheRemovalOfTheirPagesAllocateNothing() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGES * PAGE);
    long va = kernel.vm.kmem().allocPageable(submap.map(), PAGES * PAGE).orThrow().value();

    int rounds = expectNoAllocation(WARM_UP, () -> round(va, submap.map()));

    assertThat(kernel.counter(VmCounter.ZFOD)).isEqualTo((long) rounds * PAGES);
    kernel.check();
  }

  @Test
  void copiesThatReplaceTheMappingsOfPagesBehindAllocateNothing() {
    MappedObjects memory = new MappedObjects();
    memory.kernel.tlb.recording = false;
    VmObject object = memory.anonymous(COPIES);
    for (int i = 0; i < COPIES; i++) {
      memory.put(object, i, i);
    }
    VmObject shadow = memory.shadowOf(object, 0, COPIES);
    long va = memory.map(shadow, COPIES);

    int rounds = expectNoAllocation(10 * WARM_UP, () -> copyRound(memory, shadow, va));

    assertThat(memory.kernel.counter(VmCounter.COW_FAULTS)).isEqualTo((long) rounds * COPIES);
    assertThat(memory.kernel.counter(VmCounter.COW_OPTIM)).isZero();
    memory.kernel.check();
  }

  /** The copies replace the mappings of what they were made from. */
  private static void copyRound(MappedObjects memory, VmObject shadow, long va) {
    for (long at = va; at != va + COPIES * PAGE; at += PAGE) {
      expectSuccess(memory.read(at));
    }
    for (long at = va; at != va + COPIES * PAGE; at += PAGE) {
      expectSuccess(memory.write(at));
    }
    memory.kernel.vm.pmap().remove(va, va + COPIES * PAGE);
    memory.objects.pageRemove(shadow, 0, COPIES, false);
  }

  private static void expectSuccess(KernReturn result) {
    if (result != KernReturn.SUCCESS) {
      throw new AssertionError(result);
    }
  }

  /** Returns how often {@code round} ran. */
  private static int expectNoAllocation(int warmUp, Runnable round) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeTrue(threads.isThreadAllocatedMemorySupported(), "the JVM counts allocated bytes");
    int rounds = 0;
    for (; rounds < warmUp; rounds++) {
      round.run();
    }
    long fewest = Long.MAX_VALUE;
    // The compiler may replace the interpreter's code, which allocates, at any time.
    for (; rounds < warmUp + ATTEMPTS && fewest > 0; rounds++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      round.run();
      fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(fewest).as("bytes allocated by all faults and removals of a round").isZero();
    return rounds;
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
    kernel.vm.objects().pageRemove(object, 0, PAGES, false);
  }

  @Test
  void theSubmapLiesInTheKernelMap() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGES * PAGE);

    assertThat(submap.min().value()).isEqualTo(KvaLayout.KVA_START);
  }
}
