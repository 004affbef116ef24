package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.AllocRequest;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets a page, by the class of the request and how few are left. */
class AllocGatingTest {

  private final TestKernel kernel = TestKernel.small();
  private final VmObject object = kernel.vm.objects().allocate(ObjectType.DEFAULT, 1 << 20);
  private long index;

  @AfterEach
  void invariantsHold() {
    kernel.vm.objects().deallocate(object);
    kernel.check();
  }

  private @Nullable VmPage alloc(int request) {
    @Nullable VmPage[] got = new @Nullable VmPage[1];
    kernel.inVm(
        () -> {
          got[0] = kernel.vm.allocator().alloc(object, index++, request);
          if (got[0] != null) {
            kernel.vm.pageState().wakeup(got[0]);
          }
        });
    return got[0];
  }

  private VmPage allocOne(int request) {
    return Objects.requireNonNull(alloc(request));
  }

  private VmPage cacheAPage() {
    VmPage page = allocOne(AllocRequest.NORMAL);
    kernel.inVm(
        () -> {
          page.setValid(true);
          assertThat(kernel.vm.paging().reclaim().tryToCache(page)).isTrue();
        });
    return page;
  }

  /** Moves the thresholds to where the free pages are. */
  private void leave(String level) {
    kernel.inVm(
        () -> {
          long free = kernel.vm.stats().get(VmCounter.FREE_COUNT);
          kernel.vm.stats().set(VmCounter.FREE_RESERVED, level.equals("plenty") ? free - 1 : free);
          if (level.equals("interrupt")) {
            kernel.vm.stats().set(VmCounter.INTERRUPT_FREE_MIN, free);
          }
        });
  }

  @ParameterizedTest(name = "{0} of a system thread: {1}, free: {2}, cached: {3}")
  @CsvSource({
    "NORMAL,    false, plenty,    0, true",
    "QUICK,     false, plenty,    0, true",
    "SYSTEM,    false, plenty,    0, true",
    "INTERRUPT, false, plenty,    0, true",
    "NORMAL,    false, reserved,  0, false",
    "QUICK,     false, reserved,  0, false",
    "SYSTEM,    false, reserved,  0, true",
    "INTERRUPT, false, reserved,  0, true",
    "NORMAL,    false, reserved,  1, true",
    "QUICK,     false, reserved,  1, false",
    "SYSTEM,    false, reserved,  1, false",
    "INTERRUPT, false, reserved,  1, true",
    "SYSTEM,    false, interrupt, 0, false",
    "INTERRUPT, false, interrupt, 0, true",
    "NORMAL,    true,  reserved,  0, true",
    "QUICK,     true,  reserved,  0, true",
    "QUICK,     true,  reserved,  1, false",
    "NORMAL,    true,  interrupt, 0, false",
  })
  void aPageIsHadByClass(
      String requestClass, boolean systemThread, String level, int cached, boolean granted)
      throws ReflectiveOperationException {
    if (cached > 0) {
      cacheAPage();
    }
    leave(level);
    int request = AllocRequest.class.getField(requestClass).getInt(null);
    LwktThread.Scope scope = systemThread ? LwktThread.current().asSystemThread() : () -> {};

    VmPage page = alloc(request);

    scope.close();
    assertThat(page != null).isEqualTo(granted);
    assertThat(kernel.counter(VmCounter.PAGEOUT_DEFICIT)).isEqualTo(granted ? 0 : 1);
  }

  @Test
  void interruptsMayTakeTheLastPageAndNoMore() {
    for (long left = kernel.counter(VmCounter.FREE_COUNT); left > 0; left--) {
      assertThat(alloc(AllocRequest.INTERRUPT)).isNotNull();
    }

    assertThat(alloc(AllocRequest.INTERRUPT)).isNull();
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isZero();
  }

  @Test
  void aCachedPageLeavesItsObjectWhenItsMemoryIsNeeded() {
    VmPage cached = cacheAPage();
    leave("reserved");

    assertThat(alloc(AllocRequest.NORMAL)).isNotNull();

    assertThat(cached.owner()).isNull();
    assertThat(object.residentPage(0)).isNull();
    assertThat(kernel.counter(VmCounter.CACHE_COUNT)).isZero();
  }

  @Test
  void aHeldCachePageIsDeactivatedInsteadOfTaken() {
    VmPage cached = cacheAPage();
    leave("reserved");
    kernel.inVm(() -> kernel.vm.pageState().hold(cached));

    assertThat(alloc(AllocRequest.NORMAL)).isNull();

    assertThat(cached.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(kernel.counter(VmCounter.REACTIVATED)).isEqualTo(1);
    kernel.inVm(() -> kernel.vm.allocator().unhold(cached));
  }

  @Test
  void aRequestWithoutAClassIsAPanic() {
    assertThatThrownBy(() -> alloc(AllocRequest.ZERO))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("assertion: page_req & (VM_ALLOC_NORMAL|VM_ALLOC_QUICK");
  }

  @Test
  void aPageComesInItsObjectsColour() {
    for (int i = 0; i < 2 * PageQueueIndex.COLORS; i++) {
      VmPage page = allocOne(AllocRequest.NORMAL);

      assertThat(page.color()).isEqualTo((i + object.pageColor()) & PageQueueIndex.COLOR_MASK);
    }
  }

  /** The search goes from the farthest colour to the nearest, above before below. */
  @Test
  void anEmptyColourIsReplacedByTheFarthestOne() {
    int color = object.pageColor();
    for (int distance : new int[] {0, 32, 31, -31, 30}) {
      int expected = (color + distance) & PageQueueIndex.COLOR_MASK;
      while (kernel.vm.queues().length(PageQueueIndex.FREE + expected) > 0) {
        assertThat(allocOne(AllocRequest.INTERRUPT).color()).isEqualTo(expected);
        index += PageQueueIndex.COLORS - 1;
      }
    }
  }
}
