package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PageTables;
import dev.kmemu.vm.pmap.PteBits;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which pages {@code vm_object_page_remove} takes, and what becomes of those it leaves. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageRemovalTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final VmObject object = memory.anonymous(8);
  private final long va = memory.map(object, 8);
  private final ExecutorService executor = Executors.newSingleThreadExecutor();

  PageRemovalTest() {
    for (int i = 0; i < 8; i++) {
      memory.put(object, i, i);
      memory.read(va + i * PAGE);
    }
  }

  @AfterEach
  void checkAndStop() {
    executor.shutdownNow();
    kernel.check();
  }

  @Test
  void theRangeEndsBeforeLast() {
    memory.objects.pageRemove(object, 2, 5, false);

    assertThat(object.residentPageCount()).isEqualTo(5);
    assertThat(object.residentPage(2)).isNull();
    assertThat(memory.word(object, 5)).isEqualTo(5);
    assertThat(kernel.residentCount()).isEqualTo(5);
  }

  @Test
  void lastZeroMeansToTheEnd() {
    memory.objects.pageRemove(object, 2, 0, false);

    assertThat(object.residentPageCount()).isEqualTo(2);
  }

  @Test
  void aWiredPageStaysWithoutMappingAndContents() {
    VmPage page = memory.page(object, 3);
    memory.locked(() -> kernel.vm.pageState().wire(page));

    memory.objects.pageRemove(object, 0, 8, false);

    assertThat(object.residentPage(3)).isSameAs(page);
    assertThat(page.valid()).isZero();
    assertThat(page.pvCount()).isZero();
    assertThat(object.residentPageCount()).isEqualTo(1);
  }

  @Test
  void aWiredPageKeepsItsContentsWhenOnlyCleanPagesGo() {
    VmPage page = memory.page(object, 3);
    memory.locked(() -> kernel.vm.pageState().wire(page));

    memory.objects.pageRemove(object, 0, 8, true);

    assertThat(page.valid()).isEqualTo(VmPage.BITS_ALL);
    assertThat(page.pvCount()).isZero();
  }

  @Test
  void aWiredPageIsNotWaitedFor() {
    VmPage page = memory.page(object, 3);
    memory.locked(() -> kernel.vm.pageState().wire(page));
    memory.busy(page);

    memory.objects.pageRemove(object, 0, 8, false);

    assertThat(object.residentPageCount()).isEqualTo(1);
    memory.wakeup(page);
  }

  @Test
  void dirtyAndHeldPagesStayWhenOnlyCleanPagesGo() {
    memory.locked(() -> kernel.vm.pageState().dirty(memory.page(object, 1)));
    memory.locked(() -> kernel.vm.pageState().hold(memory.page(object, 2)));
    // The CPU's own note of a write, which no page has seen yet.
    cpuWrites(va + 3 * PAGE);

    memory.objects.pageRemove(object, 0, 8, true);

    assertThat(object.residentPageCount()).isEqualTo(3);
    assertThat(memory.page(object, 3).dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(memory.page(object, 1).pvCount()).as("still mapped").isEqualTo(1);
    assertThat(object.residentPage(2)).isNotNull();
  }

  @Test
  void wiredAndDirtyPagesStayToTheEndToo() {
    memory.locked(() -> kernel.vm.pageState().wire(memory.page(object, 1)));
    memory.locked(() -> kernel.vm.pageState().dirty(memory.page(object, 3)));

    memory.objects.pageRemove(object, 0, 0, true);

    assertThat(object.residentPageCount()).isEqualTo(2);
    assertThat(memory.page(object, 1).wireCount()).isEqualTo(1);
    assertThat(memory.word(object, 3)).isEqualTo(3);
  }

  @Test
  void dirtyAndHeldPagesGoOtherwise() {
    VmPage held = memory.page(object, 2);
    memory.locked(() -> kernel.vm.pageState().dirty(memory.page(object, 1)));
    memory.locked(() -> kernel.vm.pageState().hold(held));

    memory.objects.pageRemove(object, 0, 8, false);

    assertThat(object.residentPageCount()).isZero();
    memory.locked(() -> kernel.vm.allocator().unhold(held));
  }

  @Test
  void aBusyPageIsWaitedForAndTheRangeSearchedAgain() throws Exception {
    VmPage page = memory.page(object, 5);
    memory.busy(page);
    Future<?> removal = executor.submit(() -> memory.objects.pageRemove(object, 0, 8, false));
    memory.awaitSleepers(page, 1);
    assertThat(object.pagingInProgress()).isEqualTo(1);
    assertThat(object.residentPage(1)).isNull();
    memory.put(object, 1, 7);

    memory.wakeup(page);

    removal.get(30, TimeUnit.SECONDS);
    assertThat(object.residentPageCount()).isZero();
    assertThat(object.pagingInProgress()).isZero();
  }

  @Test
  void swapGoesToo() {
    ScriptedPager pager = new ScriptedPager(kernel);
    object.setPager(ObjectType.SWAP, pager);
    pager.put(object, 2, 2);
    pager.put(object, 6, 6);

    memory.objects.pageRemove(object, 0, 4, true);
    assertThat(pager.hasPage(object, 2)).as("only clean pages went").isTrue();
    memory.objects.pageRemove(object, 0, 4, false);

    assertThat(pager.hasPage(object, 2)).isFalse();
    assertThat(pager.hasPage(object, 6)).isTrue();
    memory.objects.pageRemove(object, 5, 0, false);
    assertThat(pager.hasPage(object, 6)).isFalse();
  }

  @Test
  void swapBehindTheRangeStays() {
    ScriptedPager pager = new ScriptedPager(kernel);
    object.setPager(ObjectType.SWAP, pager);
    pager.put(object, 3, 3);
    pager.put(object, 4, 4);
    pager.put(object, 5, 5);

    memory.objects.pageRemove(object, 2, 4, false);

    assertThat(pager.hasPage(object, 3)).isFalse();
    assertThat(pager.hasPage(object, 4)).isTrue();
    assertThat(pager.hasPage(object, 5)).isTrue();
  }

  @Test
  void swapGoesWithoutAnyResidentPage() {
    ScriptedPager pager = new ScriptedPager(kernel);
    VmObject swapped = memory.anonymous(4);
    swapped.setPager(ObjectType.SWAP, pager);
    pager.put(swapped, 2, 2);

    memory.objects.pageRemove(swapped, 0, 4, false);

    assertThat(pager.hasPage(swapped, 2)).isFalse();
  }

  @Test
  void physicalObjectsHaveNoPagesToRemove() {
    VmObject physical =
        memory.objects.allocate(ObjectType.PHYS, 1, new ScriptedPager(kernel), "physical");

    assertThatThrownBy(() -> memory.objects.pageRemove(physical, 0, 1, false))
        .isInstanceOf(KernelPanic.class)
        .hasMessage("assertion: object->type != OBJT_PHYS in vm_object_page_remove");
  }

  private void cpuWrites(long address) {
    PageTables tables = kernel.vm.pmap().tables();
    long pde = tables.load(tables.pdeAddress(address));
    tables.update(PageTables.pteAddress(pde, address), 0, PteBits.M);
  }
}
