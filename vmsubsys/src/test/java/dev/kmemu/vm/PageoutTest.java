package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.pager.SwapConfig;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One thread that needs more memory than there is makes its own room. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageoutTest {

  private static final int RAM_MIB = 8;
  private static final int PAGES = 3000;

  private static TestKernel kernelWithSwap(int pages) {
    return TestKernel.withSwap(RAM_MIB * MIB, new SwapConfig.Memory(pages));
  }

  @Test
  void readersOfMoreMemoryThanThereIsGetCleanPagesBack() {
    TestKernel kernel = TestKernel.withRam(RAM_MIB * MIB);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).isZero();
    }

    assertThat(memory.object().residentPageCount()).isLessThan(PAGES);
    assertThat(kernel.counter(VmCounter.PDWAKEUPS)).isPositive();
    assertThat(kernel.counter(VmCounter.PDPAGES)).isPositive();
    assertThat(memory.object().type()).isEqualTo(ObjectType.DEFAULT);
    kernel.check();
  }

  @Test
  void writersOfMoreMemoryThanThereIsFindItAllInSwap() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i * 31L + 7);
    }
    kernel.check();

    for (int i = 0; i < PAGES; i++) {
      assertThat(memory.read(i)).as("page %d", i).isEqualTo(i * 31L + 7);
    }

    assertThat(memory.object().type())
        .as("converted by the first pageout")
        .isEqualTo(ObjectType.SWAP);
    assertThat(kernel.counter(VmCounter.SWAPOUT)).isPositive();
    assertThat(kernel.counter(VmCounter.SWAPIN)).isPositive();
    kernel.check();
  }

  @Test
  void wiredAllocationsTakeThePagesOfOthers() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, 1000);
    for (int i = 0; i < 1000; i++) {
      memory.write(i, i);
    }
    long usable = kernel.counter(VmCounter.FREE_COUNT);
    long va = kernel.alloc((usable + 500) * TestKernel.PAGE);

    assertThat(kernel.wiredCount()).isEqualTo(usable + 500);
    kernel.check();
    kernel.free(va, (usable + 500) * TestKernel.PAGE);
    for (int i = 0; i < 1000; i++) {
      assertThat(memory.read(i)).isEqualTo(i);
    }
    kernel.check();
  }

  @Test
  void aPageThatIsWrittenAgainGoesToTheSameSlot() {
    TestKernel kernel = kernelWithSwap(1);
    PageableMemory memory = new PageableMemory(kernel, 2);
    for (int round = 1; round < 5; round++) {
      memory.write(0, round);
      memory.forgetUse(1);
      kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
      kernel.scanFor(1);
      kernel.scanFor(1);
      assertThat(memory.isMapped(0)).isFalse();
      assertThat(kernel.counter(VmCounter.SWAPOUT)).isEqualTo(round);
      kernel.inVm(() -> kernel.vm.paging().reclaim().tryToFree(memory.page(0)));
      assertThat(memory.read(0)).isEqualTo(round);
    }
    kernel.check();
  }

  @Test
  void wiredKernelMemoryIsNeverTaken() {
    TestKernel kernel = kernelWithSwap(PAGES);
    long va = kernel.alloc(50 * TestKernel.PAGE);
    kernel.write(va, 0xABCD);

    for (int i = 0; i < 10; i++) {
      kernel.scanFor(10_000);
    }

    assertThat(kernel.wiredCount()).isEqualTo(50);
    assertThat(kernel.read(va)).isEqualTo(0xABCD);
    kernel.check();
  }

  @Test
  void swapOfFreedMemoryIsFree() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i);
    }
    assertThat(Objects.requireNonNull(kernel.vm.paging().pagers().swap()).pagesInUse())
        .isPositive();

    kernel.vm.kmem().free(memory.submap.map(), memory.submap.min(), PAGES * TestKernel.PAGE);

    assertThat(Objects.requireNonNull(kernel.vm.paging().pagers().swap()).pagesInUse()).isZero();
    kernel.check();
  }

  @Test
  void aReadFaultOfAPageInSwapIsCleanUntilItIsWritten() {
    TestKernel kernel = kernelWithSwap(PAGES);
    PageableMemory memory = new PageableMemory(kernel, PAGES);
    for (int i = 0; i < PAGES; i++) {
      memory.write(i, i);
    }
    int out = 0;
    while (memory.object().residentPage(out) != null) {
      out++;
    }

    assertThat(memory.fault(out, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(memory.page(out).dirty()).isZero();
    kernel.check();
  }
}
