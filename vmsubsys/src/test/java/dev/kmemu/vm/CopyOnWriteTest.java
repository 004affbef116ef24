package dev.kmemu.vm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a write does to a page that is behind the first object. */
class CopyOnWriteTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final VmObject object = memory.anonymous(2);
  private final VmPage page = memory.put(object, 0, 10);
  private final VmObject shadow = memory.shadowOf(object, 0, 2);
  private final long va = memory.map(shadow, 2);

  @AfterEach
  void check() {
    kernel.check();
  }

  /** Leaves the shadow the only one that can see the object, as a busy page keeps them apart. */
  private void dropTheOtherReference() {
    memory.busy(page);
    memory.objects.deallocate(object);
    memory.wakeup(page);
    assertThat(shadow.backingObject()).isSameAs(object);
  }

  @Test
  void aPageThatOthersMaySeeIsCopied() {
    assertThat(memory.write(va)).isEqualTo(KernReturn.SUCCESS);

    assertThat(memory.page(shadow, 0)).isNotSameAs(page).isSameAs(kernel.pageAt(va));
    assertThat(kernel.read(va)).isEqualTo(10);
    kernel.write(va, 20);
    assertThat(memory.word(object, 0)).isEqualTo(10);
    assertThat(kernel.vm.pmap().tables().pte(va) & PteBits.RW).isNotZero();
    assertThat(page.queue()).isEqualTo(PageQueueIndex.INACTIVE);
    assertThat(kernel.counter(VmCounter.COW_FAULTS)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.COW_OPTIM)).isZero();
  }

  @Test
  void theCopyTakesThePlaceOfTheMappingForReading() {
    memory.read(va);
    assertThat(page.pvCount()).isEqualTo(1);

    memory.write(va);

    assertThat(page.pvCount()).isZero();
    assertThat(kernel.residentCount()).isEqualTo(1);
  }

  @Test
  void aPageThatNobodyElseCanSeeIsMoved() {
    dropTheOtherReference();
    long free = kernel.counter(VmCounter.FREE_COUNT);

    memory.write(va);

    assertThat(memory.page(shadow, 0)).isSameAs(page);
    assertThat(object.residentPageCount()).isZero();
    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    assertThat(kernel.counter(VmCounter.COW_OPTIM)).isEqualTo(1);
    assertThat(kernel.counter(VmCounter.COW_FAULTS)).isEqualTo(1);
  }

  @Test
  void whatThePagerHasOfAMovedPageIsForgotten() {
    ScriptedPager pager = new ScriptedPager(kernel);
    object.setPager(ObjectType.SWAP, pager);
    pager.put(object, 0, 10);
    dropTheOtherReference();

    memory.write(va);

    assertThat(memory.page(shadow, 0)).isSameAs(page);
    assertThat(pager.hasPage(object, 0)).isFalse();
  }

  @Test
  void aPageTwoObjectsBehindIsCopiedThoughNobodyElseSeesIt() {
    VmObject top = memory.shadowOf(shadow, 0, 2);
    long topVa = memory.map(top, 2);

    memory.write(topVa);

    assertThat(memory.word(top, 0)).isEqualTo(10);
    assertThat(memory.page(object, 0)).isSameAs(page);
  }

  @Test
  void aPageThatAnotherShadowSeesIsCopied() {
    VmObject other = memory.shadowOf(object, 0, 2);
    memory.map(other, 2);
    memory.objects.deallocate(object);
    assertThat(object.refCount()).isEqualTo(2);

    memory.write(va);

    assertThat(memory.page(object, 0)).isSameAs(page);
    assertThat(memory.page(shadow, 0)).isNotSameAs(page);
  }

  @Test
  void aWiredPageIsCopiedAndNotMoved() {
    memory.locked(() -> kernel.vm.pageState().wire(page));
    dropTheOtherReference();

    memory.write(va);

    assertThat(memory.page(object, 0)).isSameAs(page);
    assertThat(memory.page(shadow, 0)).isNotSameAs(page);
    memory.locked(() -> kernel.vm.pageState().unwire(page, true));
  }

  /** Else the other mapping would go on showing the old contents of shared memory. */
  @Test
  void otherMappingsOfTheFirstObjectSeeTheCopy() {
    memory.objects.reference(shadow);
    long otherVa = memory.map(shadow, 2);
    memory.read(otherVa);

    memory.write(va);
    kernel.write(va, 20);

    assertThat(kernel.vm.pmap().extract(otherVa)).as("the old page").isZero();
    memory.read(otherVa);
    assertThat(kernel.read(otherVa)).isEqualTo(20);
  }

  @Test
  void aDirtyFaultMarksTheCopyAndForgetsItsSwap() {
    ScriptedPager pager = new ScriptedPager(kernel);
    memory.write(va);
    shadow.setPager(ObjectType.SWAP, pager);
    pager.put(shadow, 0, 99);

    memory.fault(va, VmProt.WRITE, FaultFlags.DIRTY);

    assertThat(memory.page(shadow, 0).dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(pager.hasPage(shadow, 0)).isFalse();
  }

  @Test
  void wiringMakesTheCopyThatTheEntryAllows() {
    assertThat(memory.wire(va, 1)).isEqualTo(KernReturn.SUCCESS);

    VmPage copy = memory.page(shadow, 0);
    assertThat(copy).isNotSameAs(page);
    assertThat(copy.wireCount()).isEqualTo(1);
    assertThat(page.wireCount()).isZero();
  }

  @Test
  void aFaultOnAWiredEntryUsesTheEntrysProtection() {
    memory.wire(va, 2);
    memory.objects.pageRemove(shadow, 0, 1, false);
    kernel.vm.pmap().remove(va, va + TestKernel.PAGE);

    memory.read(va);

    assertThat(kernel.pageAt(va)).as("a read made the copy").isSameAs(memory.page(shadow, 0));
    assertThat(kernel.vm.pmap().tables().pte(va) & (PteBits.RW | PteBits.W))
        .isEqualTo(PteBits.RW | PteBits.W);
  }
}
