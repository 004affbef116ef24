package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code kmem_alloc} and {@code kmem_free} leave to the collector: per call, not per page. */
class KmemHeapUseTest {

  /**
   * Less than one object for each of 64 pages. The result, reservations, the description of the
   * mapping; what the test's TLB records.
   */
  private static final long BYTES_PER_CALL = 512;

  private static final int CALLS = 16;
  private static final int ATTEMPTS = 5000;

  private final TestKernel kernel = TestKernel.small();

  @ParameterizedTest
  @ValueSource(ints = {1, 64})
  void anAllocationAndItsFreeTakeTheSameHoweverManyPages(int pages) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeTrue(threads.isThreadAllocatedMemorySupported(), "the JVM counts allocated bytes");

    long fewest = Long.MAX_VALUE;
    // Until the compiler has replaced the interpreter's code, which allocates more.
    for (int i = 0; i < ATTEMPTS && fewest > CALLS * BYTES_PER_CALL; i++) {
      kernel.tlb.clear();
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < CALLS; call++) {
        kernel.free(kernel.alloc(pages * PAGE), pages * PAGE);
      }
      fewest = Math.min(fewest, threads.getCurrentThreadAllocatedBytes() - before);
    }

    assertThat(fewest / CALLS).isLessThanOrEqualTo(BYTES_PER_CALL);
    kernel.check();
  }
}
