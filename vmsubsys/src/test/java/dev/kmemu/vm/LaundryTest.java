package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many dirty pages one scan writes out, and what it makes of a pager's answers. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LaundryTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final ScriptedPager pager = new ScriptedPager(kernel);
  private final VmObject file = memory.objects.allocate(ObjectType.VNODE, 64, pager, "file");

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  /** Makes a dirty page of the inactive queue that was looked at once. */
  private VmPage dirty(int pindex) {
    VmPage page = memory.put(file, pindex, pindex);
    kernel.inVm(
        () -> {
          kernel.vm.pageState().dirty(page);
          kernel.vm.pageState().deactivate(page);
          page.setFlag(PageFlags.WINATCFLS);
        });
    return page;
  }

  @Test
  void onlyAsManyPagesAreWrittenAsAreMissing() {
    for (int i = 0; i < 10; i++) {
      dirty(i);
    }

    kernel.scanFor(3);

    assertThat(pager.writes).isEqualTo(3);
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(3);
  }

  @Test
  void aFirstPassWritesThirtyTwoPagesAndStillFindsTheCleanOnesBehind() {
    for (int i = 0; i < 40; i++) {
      dirty(i);
    }
    VmPage clean = memory.put(file, 50, 1);
    kernel.inVm(() -> kernel.vm.pageState().deactivate(clean));

    kernel.scanFor(60);

    assertThat(pager.writes).isEqualTo(32);
    assertThat(clean.queue()).isEqualTo(PageQueueIndex.CACHE + clean.color());
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isEqualTo(33);
  }

  @Test
  void aPageThatCannotBeWrittenIsActivatedAndAnotherIsTried() {
    VmPage first = dirty(0);
    VmPage second = dirty(1);
    pager.result = PagerResult.ERROR;
    kernel.inVm(() -> kernel.vm.stats().set(VmCounter.INACTIVE_TARGET, 0));

    kernel.scanFor(1);

    assertThat(pager.writes).isEqualTo(2);
    for (VmPage page : new VmPage[] {first, second}) {
      assertThat(page.queue()).isEqualTo(PageQueueIndex.ACTIVE);
      assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
      assertThat(page.isBusy()).isFalse();
    }
  }

  @Test
  void aPageForWhichThereIsNoRoomNowStaysInactive() {
    VmPage first = dirty(0);
    VmPage second = dirty(1);
    pager.result = PagerResult.AGAIN;

    kernel.scanFor(1);

    assertThat(pager.writes).isEqualTo(2);
    assertThat(first.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(second.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(second.dirty()).isEqualTo(VmPage.BITS_ALL);
  }

  @Test
  void aPageThatSomebodyHoldsMeanwhileIsCleanButNotGained() {
    VmPage first = dirty(0);
    VmPage second = dirty(1);
    pager.meanwhile = () -> kernel.vm.pageState().hold(first);

    kernel.scanFor(1);

    assertThat(pager.writes).isEqualTo(2);
    assertThat(first.dirty()).isZero();
    assertThat(first.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(second.queue()).isEqualTo(PageQueueIndex.CACHE + second.color());
    kernel.inVm(
        () -> {
          kernel.vm.allocator().unhold(first);
          kernel.vm.allocator().unhold(first);
        });
  }

  @Test
  void aPageWithoutContentsIsFreedAndCounted() {
    kernel.inVm(
        () -> {
          for (int i = 0; i < 2; i++) {
            VmPage page =
                Objects.requireNonNull(kernel.vm.allocator().alloc(file, i, AllocRequest.NORMAL));
            kernel.vm.pageState().deactivate(page);
            kernel.vm.pageState().wakeup(page);
          }
        });

    kernel.scanFor(1);

    assertThat(kernel.counter(VmCounter.DFREE)).isEqualTo(1);
    assertThat(file.residentPageCount()).isEqualTo(1);
  }
}
