package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectFlags;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageAllocator;
import dev.kmemu.vm.page.PageFlags;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.PageReclaim;
import dev.kmemu.vm.page.PageState;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Activity, holds and queues, one page at a time. */
class PageStateTest {

  private final TestKernel kernel = TestKernel.small();
  private final PageableMemory memory = new PageableMemory(kernel, 600);
  private final PageState state = kernel.vm.pageState();
  private final PageReclaim reclaim = kernel.vm.paging().reclaim();
  private final PageAllocator allocator = kernel.vm.allocator();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void panics(Runnable body, String text) {
    assertThatThrownBy(() -> kernel.inVm(body))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith(text);
  }

  private VmPage cleanPage() {
    memory.read(0);
    return memory.page(0);
  }

  @Test
  void aHeldPageThatIsFreedWaitsForItsLastHold() {
    VmPage page = cleanPage();
    long free = kernel.counter(VmCounter.FREE_COUNT);
    kernel.inVm(
        () -> {
          state.hold(page);
          state.hold(page);
          state.busy(page);
          state.protectNone(page);
          allocator.free(page);
          allocator.unhold(page);
        });
    assertThat(page.queue()).isEqualTo(PageQueueIndex.HOLD);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);

    kernel.inVm(() -> allocator.unhold(page));

    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free + 1);
  }

  @Test
  void oneUnholdTooManyIsAPanic() {
    VmPage page = cleanPage();

    panics(() -> allocator.unhold(page), "vm_page_unhold: hold count < 0!!!");

    kernel.inVm(() -> state.hold(page));
  }

  @Test
  void activityRisesBySteps() {
    VmPage page = cleanPage();
    assertThat(page.activity()).as("ACT_INIT").isEqualTo(5);

    kernel.inVm(() -> state.advance(page, 2));
    assertThat(page.activity()).as("ACT_ADVANCE and the references").isEqualTo(10);
    kernel.inVm(() -> state.decline(page));
    assertThat(page.activity()).as("ACT_DECLINE").isEqualTo(9);
    kernel.inVm(() -> state.advance(page, 100));
    assertThat(page.activity()).as("ACT_MAX").isEqualTo(64);
  }

  @Test
  void activationGivesAtLeastTheInitialActivity() {
    VmPage page = cleanPage();
    kernel.inVm(
        () -> {
          for (int i = 0; i < 9; i++) {
            state.decline(page);
          }
          assertThat(page.activity()).isZero();
          state.deactivate(page);
          state.activate(page);
        });

    assertThat(page.activity()).isEqualTo(5);
  }

  @Test
  void mostPagesThatArentNeededAreDeactivatedCleanOnesFirst() {
    for (int i = 0; i < 600; i++) {
      memory.read(i);
    }
    memory.write(100, 1);
    kernel.inVm(
        () -> {
          for (int i = 0; i < 600; i++) {
            reclaim.dontneed(memory.page(i));
          }
        });

    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).as("kept now and then").isBetween(15L, 47L);
    assertThat(memory.page(100).queue()).isEqualTo(PageQueueIndex.INACTIVE);
    VmPage first = kernel.vm.queues().first(PageQueueIndex.INACTIVE);
    assertThat(first).isNotSameAs(memory.page(100));
  }

  @Test
  void aPageThatLeavesTheActiveQueueBeginsItsRoundsAnew() {
    VmPage page = cleanPage();
    page.setFlag(PageFlags.WINATCFLS);

    kernel.inVm(() -> state.deactivate(page));

    assertThat(page.has(PageFlags.WINATCFLS)).isFalse();
  }

  @Test
  void aDirtyPageIsDirtyAllOverAndItsObjectKnows() {
    VmObject object = kernel.vm.objects().allocate(ObjectType.DEFAULT, 1);
    kernel.inVm(
        () -> {
          VmPage page = Objects.requireNonNull(allocator.alloc(object, 0, AllocRequest.NORMAL));
          assertThat(object.flags() & ObjectFlags.MIGHT_BE_DIRTY).isZero();

          state.dirty(page);

          assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
          assertThat(object.flags() & ObjectFlags.MIGHT_BE_DIRTY).isNotZero();
          allocator.free(page);
        });
  }

  @Test
  void anUnmanagedPageNeverComesOnAQueue() {
    VmPage page = cleanPage();
    kernel.inVm(
        () -> {
          state.protectNone(page);
          state.unmanage(page);
          state.activate(page);
          state.deactivate(page);
          state.wire(page);
          state.unwire(page, true);
        });

    assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
  }
}
