package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A backing object that only one object is before goes into that. */
class CollapseTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;

  @AfterEach
  void check() {
    kernel.check();
  }

  /** Paging keeps the two apart until the test says so. */
  private VmObject soleShadow(VmObject object, int firstPage, int pages) {
    VmObject shadow = memory.shadowOf(object, firstPage, pages);
    memory.map(shadow, pages);
    memory.busy(memory.put(object, HELD, 0));
    memory.objects.deallocate(object);
    assertThat(shadow.backingObject()).as("held apart by a busy page").isSameAs(object);
    assertThat(object.refCount()).isEqualTo(1);
    return shadow;
  }

  private static final int HELD = 9;

  private void collapse(VmObject shadow, VmObject object) {
    memory.wakeup(memory.page(object, HELD));
    memory.objects.collapse(shadow);
  }

  @Test
  void pagesMoveUpByTheOffsetAndStayMapped() {
    VmObject object = memory.anonymous(10);
    VmPage page = memory.put(object, 3, 33);
    VmObject shadow = memory.shadowOf(object, 2, 4);
    long va = memory.map(shadow, 4);
    memory.read(va + PAGE);

    int objects = memory.objects.count();

    memory.objects.deallocate(object);

    assertThat(memory.objects.count()).isEqualTo(objects - 1);
    assertThat(memory.page(shadow, 1)).isSameAs(page);
    assertThat(kernel.pageAt(va + PAGE)).isSameAs(page);
    assertThat(page.dirty()).as("there is no other copy").isEqualTo(VmPage.BITS_ALL);
    assertThat(page.isBusy()).isFalse();
    assertThat(object.isDead()).isTrue();
    assertThat(object.residentPageCount()).isZero();
    assertThat(shadow.backingObject()).isNull();
  }

  @Test
  void pagesThatAreHiddenOrOutsideAreFreed() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    VmObject object = memory.anonymous(10);
    memory.put(object, 1, 1);
    memory.put(object, 4, 4);
    memory.put(object, 7, 7);
    VmObject shadow = memory.shadowOf(object, 3, 2);
    memory.put(shadow, 1, 44);
    memory.map(shadow, 2);

    memory.objects.deallocate(object);

    assertThat(shadow.residentPageCount()).isEqualTo(1);
    assertThat(memory.word(shadow, 1)).isEqualTo(44);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free - 1);
  }

  @Test
  void theChainBehindMovesUpWithItsOffset() {
    VmObject bottom = memory.anonymous(10);
    memory.map(bottom, 10);
    memory.put(bottom, 6, 66);
    VmObject middle = memory.shadowOf(bottom, 2, 8);
    VmObject top = memory.shadowOf(middle, 3, 4);
    long va = memory.map(top, 4);

    memory.objects.deallocate(middle);

    assertThat(middle.isDead()).isTrue();
    assertThat(top.backingObject()).isSameAs(bottom);
    assertThat(top.backingObjectOffset()).isEqualTo(5 * PAGE);
    assertThat(bottom.shadowCount()).isEqualTo(1);
    assertThat(bottom.refCount()).isEqualTo(2);
    memory.read(va + PAGE);
    assertThat(kernel.read(va + PAGE)).isEqualTo(66);
  }

  @Test
  void whatWasPagedOutMovesUpWhereNothingNewerIs() {
    ScriptedPager pager = new ScriptedPager(kernel);
    VmObject object = memory.anonymous(10);
    object.setPager(ObjectType.SWAP, pager);
    for (int i = 2; i < 6; i++) {
      pager.put(object, i, 100 + i);
    }
    memory.put(object, 5, 55);
    VmObject shadow = memory.shadowOf(object, 2, 4);
    memory.put(shadow, 1, 33);
    long va = memory.map(shadow, 4);

    memory.objects.deallocate(object);

    assertThat(shadow.type()).isEqualTo(ObjectType.SWAP);
    assertThat(shadow.pager()).isSameAs(pager);
    assertThat(pager.hasPage(shadow, 0)).isTrue();
    assertThat(pager.hasPage(shadow, 1)).as("a newer page is resident").isFalse();
    assertThat(pager.hasPage(shadow, 3)).as("a newer page moved up").isFalse();
    assertThat(pager.hasPage(object, 2)).isFalse();
    for (int i = 0; i < 4; i++) {
      memory.read(va + i * PAGE);
    }
    assertThat(kernel.read(va)).isEqualTo(102);
    assertThat(kernel.read(va + PAGE)).isEqualTo(33);
    assertThat(kernel.read(va + 2 * PAGE)).isEqualTo(104);
    assertThat(kernel.read(va + 3 * PAGE)).isEqualTo(55);
  }

  @Test
  void aPageThatTheObjectHasInItsPagerHidesTheOneBehind() {
    ScriptedPager pager = new ScriptedPager(kernel);
    VmObject object = memory.anonymous(1);
    memory.put(object, 0, 1);
    VmObject shadow = memory.shadowOf(object, 0, 1);
    shadow.setPager(ObjectType.SWAP, pager);
    pager.put(shadow, 0, 2);
    long va = memory.map(shadow, 1);

    memory.objects.deallocate(object);

    assertThat(shadow.backingObject()).isNull();
    memory.read(va);
    assertThat(kernel.read(va)).isEqualTo(2);
  }

  @Test
  void nothingMovesWhilePagesAreOnTheirWay() {
    VmObject object = memory.anonymous(10);
    VmObject shadow = soleShadow(object, 0, 4);
    memory.wakeup(memory.page(object, HELD));

    for (VmObject paging : new VmObject[] {object, shadow}) {
      memory.locked(() -> memory.objects.pagingBegin(paging));
      memory.objects.collapse(shadow);
      assertThat(shadow.backingObject()).isSameAs(object);
      memory.locked(() -> memory.objects.pagingEnd(paging));
    }
    memory.objects.collapse(shadow);

    assertThat(shadow.backingObject()).isNull();
  }

  @Test
  void aBusyPageOnEitherSideKeepsThemApart() {
    VmObject object = memory.anonymous(10);
    VmPage behind = memory.put(object, 0, 1);
    VmObject shadow = soleShadow(object, 0, 4);
    VmPage before = memory.put(shadow, 0, 2);
    memory.wakeup(memory.page(object, HELD));

    for (VmPage page : new VmPage[] {behind, before}) {
      memory.busy(page);
      memory.objects.collapse(shadow);
      assertThat(shadow.backingObject()).isSameAs(object);
      memory.wakeup(page);
    }
    memory.objects.collapse(shadow);

    assertThat(shadow.backingObject()).isNull();
    assertThat(memory.page(shadow, 0)).isSameAs(before);
  }

  @Test
  void anInvalidPageHidesNothing() {
    VmObject object = memory.anonymous(10);
    memory.put(object, 0, 1);
    VmObject shadow = soleShadow(object, 0, 4);
    VmPage invalid = memory.put(shadow, 0, 2);
    memory.locked(() -> invalid.setValid(false));

    collapse(shadow, object);
    assertThat(shadow.backingObject()).as("the page behind is needed").isSameAs(object);
    memory.locked(() -> invalid.setValid(true));
    memory.objects.collapse(shadow);

    assertThat(shadow.backingObject()).isNull();
  }

  @Test
  void aWiredPageThatIsHiddenIsDetached() {
    VmObject object = memory.anonymous(10);
    VmPage wired = memory.put(object, 0, 1);
    memory.locked(() -> kernel.vm.pageState().wire(wired));
    VmObject shadow = soleShadow(object, 0, 4);
    memory.put(shadow, 0, 2);

    collapse(shadow, object);

    assertThat(shadow.backingObject()).isNull();
    assertThat(wired.owner()).isNull();
    assertThat(wired.wireCount()).isEqualTo(1);
  }

  @Test
  void aCachedPageIsInactiveAndDirtyAfterwards() {
    VmObject object = memory.anonymous(10);
    VmPage page = memory.put(object, 0, 1);
    memory.locked(() -> kernel.vm.paging().reclaim().tryToCache(page));
    assertThat(page.isCached()).isTrue();
    VmObject shadow = soleShadow(object, 0, 4);

    collapse(shadow, object);

    assertThat(memory.page(shadow, 0)).isSameAs(page);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
  }

  @Test
  void whatOthersFindByItsHandleIsLeftAlone() {
    ScriptedPager pager = new ScriptedPager(kernel);
    VmObject segment = memory.objects.allocate(ObjectType.SWAP, 4, pager, "segment");
    VmObject shadow = memory.shadowOf(segment, 0, 4);
    memory.map(shadow, 4);

    memory.objects.deallocate(segment);

    assertThat(shadow.backingObject()).isSameAs(segment);
    assertThat(segment.refCount()).isEqualTo(1);
  }
}
