package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.SwapConfig;
import dev.kmemu.vm.pager.SwapPager;
import dev.kmemu.vm.pager.SwapSpace;
import java.io.IOException;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The swap pager by itself, when swap is full, and when it fails. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SwapPagerTest {

  private final TestKernel kernel = TestKernel.withSwap(16 * MIB, new SwapConfig.Memory(4));

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private SwapPager swap() {
    return Objects.requireNonNull(kernel.vm.paging().pagers().swap());
  }

  private VmObject object(long size) {
    return kernel.vm.objects().allocate(ObjectType.DEFAULT, size);
  }

  /** Puts a page that begins with {@code mark} into swap and frees it. */
  private PagerResult swapOut(VmObject object, long pindex, long mark) {
    PagerResult[] result = new PagerResult[1];
    kernel.inVm(
        () -> {
          VmPage page =
              Objects.requireNonNull(
                  kernel.vm.allocator().alloc(object, pindex, AllocRequest.NORMAL));
          kernel.vm.ram().store64(page.address(), mark);
          result[0] = swap().putPage(object, page);
          kernel.vm.pageState().zeroFill(page);
          kernel.vm.allocator().free(page);
        });
    return result[0];
  }

  /** Gets a page from swap; -1 when it isn't there. */
  private long swapIn(VmObject object, long pindex) {
    long[] mark = {-1};
    kernel.inVm(
        () -> {
          VmPage page =
              Objects.requireNonNull(
                  kernel.vm.allocator().alloc(object, pindex, AllocRequest.NORMAL));
          if (swap().getPage(object, page) == PagerResult.OK) {
            assertThat(page.valid()).isEqualTo(VmPage.BITS_ALL);
            assertThat(page.has(PageFlags.ZERO)).isFalse();
            mark[0] = kernel.vm.ram().load64(page.address());
          }
          kernel.vm.allocator().free(page);
        });
    return mark[0];
  }

  @Test
  void whatGoesOutComesIn() {
    VmObject object = object(10);

    assertThat(swapOut(object, 3, 33)).isEqualTo(PagerResult.OK);

    assertThat(object.type()).isEqualTo(ObjectType.SWAP);
    assertThat(object.pager()).isSameAs(swap());
    assertThat(swap().hasPage(object, 3)).isTrue();
    assertThat(swap().hasPage(object, 4)).isFalse();
    assertThat(swapIn(object, 3)).isEqualTo(33);
    assertThat(swapIn(object, 4)).isEqualTo(-1);
  }

  @Test
  void fullSwapSaysAgainUntilSpaceIsFreed() {
    VmObject object = object(10);
    for (int i = 0; i < 4; i++) {
      assertThat(swapOut(object, i, i)).isEqualTo(PagerResult.OK);
    }
    assertThat(swapOut(object, 4, 4)).isEqualTo(PagerResult.AGAIN);
    assertThat(swapOut(object, 2, 22)).as("has a slot already").isEqualTo(PagerResult.OK);

    kernel.inVm(() -> swap().freeSpace(object, 1, 1));

    assertThat(swap().pagesInUse()).isEqualTo(3);
    assertThat(swapOut(object, 4, 44)).isEqualTo(PagerResult.OK);
    assertThat(swapIn(object, 1)).isEqualTo(-1);
    assertThat(swapIn(object, 2)).isEqualTo(22);
    assertThat(swapIn(object, 4)).isEqualTo(44);
  }

  @Test
  void freeingARangeFreesWhatLiesInItAndNothingElse() {
    VmObject object = object(-1L);
    long high = -5;
    swapOut(object, 0, 10);
    swapOut(object, high, 11);
    swapOut(object, high + 1, 12);

    kernel.inVm(() -> swap().freeSpace(object, high, 1));
    assertThat(swapIn(object, high)).isEqualTo(-1);
    assertThat(swapIn(object, high + 1)).isEqualTo(12);
    kernel.inVm(() -> swap().freeSpace(object, 1, -2));

    assertThat(swapIn(object, high + 1)).isEqualTo(-1);
    assertThat(swapIn(object, 0)).isEqualTo(10);
  }

  @Test
  void theEndOfAnObjectFreesItsSwap() {
    VmObject object = object(10);
    swapOut(object, 1, 1);
    swapOut(object, 2, 2);

    kernel.vm.objects().deallocate(object);

    assertThat(swap().pagesInUse()).isZero();
  }

  @Test
  void handingOverMovesWhatTheFrontObjectLacks() {
    VmObject back = object(10);
    VmObject front = object(3);
    swapOut(back, 1, 101);
    swapOut(back, 4, 104);
    swapOut(back, 5, 105);
    swapOut(back, 9, 109);
    VmPage[] resident = new VmPage[1];
    kernel.inVm(
        () -> {
          resident[0] =
              Objects.requireNonNull(kernel.vm.allocator().alloc(front, 1, AllocRequest.NORMAL));
          swap().handOver(back, front, 4);
        });

    assertThat(swapIn(front, 0)).isEqualTo(104);
    assertThat(swap().hasPage(front, 1)).as("it has a page there").isFalse();
    assertThat(swap().pagesInUse()).isEqualTo(1);
    assertThat(swap().hasPage(back, 4)).isFalse();
    kernel.inVm(() -> kernel.vm.allocator().free(resident[0]));
  }

  @Test
  void handingOverKeepsWhatTheFrontObjectHasInSwap() {
    VmObject back = object(10);
    VmObject front = object(10);
    swapOut(back, 0, 1);
    swapOut(front, 0, 2);

    kernel.inVm(() -> swap().handOver(back, front, 0));

    assertThat(swapIn(front, 0)).isEqualTo(2);
    assertThat(swap().pagesInUse()).isEqualTo(1);
  }

  @Test
  void manyPagesKeepTheirContents() {
    TestKernel large = TestKernel.withSwap(8 * MIB, new SwapConfig.Memory(5000));
    PageableMemory memory = new PageableMemory(large, 4000);
    for (int i = 0; i < 4000; i += 3) {
      memory.write(i, ~(long) i);
    }
    for (int i = 0; i < 4000; i += 3) {
      memory.write(i, i * PAGE);
    }
    for (int i = 0; i < 4000; i++) {
      assertThat(memory.read(i)).isEqualTo(i % 3 == 0 ? i * PAGE : 0);
    }
    large.check();
  }

  /** A disk that breaks when told to. */
  private static final class BrokenSwap implements SwapSpace {
    private final SwapSpace disk = Objects.requireNonNull(new SwapConfig.Memory(2000).open());
    boolean readsFail;
    boolean writesFail;

    @Override
    public int pages() {
      return disk.pages();
    }

    @Override
    public void read(int slot, byte[] page) throws IOException {
      if (readsFail) {
        throw new IOException("broken");
      }
      disk.read(slot, page);
    }

    @Override
    public void write(int slot, byte[] page) throws IOException {
      if (writesFail) {
        throw new IOException("broken");
      }
      disk.write(slot, page);
    }

    @Override
    public void close() {
      disk.close();
    }
  }

  private BrokenSwap replaceSwap(TestKernel target) {
    BrokenSwap broken = new BrokenSwap();
    target
        .vm
        .paging()
        .pagers()
        .swapOn(broken, target.vm.ram(), target.vm.stats(), target.vm.shortage());
    return broken;
  }

  @Test
  void aPageThatCannotBeWrittenStaysDirtyInRam() {
    BrokenSwap broken = replaceSwap(kernel);
    PageableMemory memory = new PageableMemory(kernel, 1);
    memory.write(0, 4711);
    kernel.inVm(() -> kernel.vm.pageState().deactivate(memory.page(0)));
    memory.forgetUse(1);
    broken.writesFail = true;

    for (int i = 0; i < 2; i++) {
      kernel.scanFor(10);
    }

    assertThat(memory.page(0).dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(memory.page(0).queue()).isEqualTo(PageQueueIndex.ACTIVE);
    assertThat(memory.object().type()).isEqualTo(ObjectType.DEFAULT);
    assertThat(swap().pagesInUse()).isZero();
    assertThat(memory.read(0)).isEqualTo(4711);
  }

  @Test
  void aPageThatCannotBeReadFailsTheFaultAndMayBeReadLater() {
    BrokenSwap broken = replaceSwap(kernel);
    PageableMemory memory = new PageableMemory(kernel, 3);
    memory.write(0, 4711);
    swapOutByHand(memory);
    broken.readsFail = true;
    assertThat(memory.fault(0, VmProt.READ)).isEqualTo(KernReturn.FAILURE);
    assertThat(memory.object().residentPage(0)).isNull();

    broken.readsFail = false;

    assertThat(memory.read(0)).isEqualTo(4711);
  }

  private void swapOutByHand(PageableMemory memory) {
    VmPage page = memory.page(0);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().busy(page);
          kernel.vm.pageState().protectNone(page);
          assertThat(swap().putPage(memory.object(), page)).isEqualTo(PagerResult.OK);
          kernel.vm.paging().reclaim().undirty(page);
          kernel.vm.allocator().free(page);
        });
  }
}
