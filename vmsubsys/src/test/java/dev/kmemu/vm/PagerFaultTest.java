package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.object.ObjectType;
import dev.kmemu.vm.object.PagerResult;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Faults on memory whose pages come from a pager. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PagerFaultTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final ScriptedPager pager = new ScriptedPager(kernel);
  private final VmObject file = memory.objects.allocate(ObjectType.VNODE, 4, pager, "file");

  @AfterEach
  void check() {
    kernel.check();
  }

  @Test
  void aPageIsReadOnce() {
    pager.put(file, 1, 11);
    long va = memory.map(file, 4);

    assertThat(memory.read(va + PAGE)).isEqualTo(KernReturn.SUCCESS);
    assertThat(memory.read(va + PAGE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va + PAGE)).isEqualTo(11);
    assertThat(pager.reads).isEqualTo(1);
  }

  @Test
  void theMapIsNotLockedMeanwhile() {
    pager.put(file, 0, 11);
    long va = memory.map(file, 4);
    pager.meanwhile =
        () -> {
          memory.map.lock();
          memory.map.unlock();
        };

    assertThat(memory.read(va)).isEqualTo(KernReturn.SUCCESS);

    assertThat(pager.reads).as("the map changed, and the page was there then").isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"ERROR, FAILURE", "AGAIN, FAILURE", "BAD, PROTECTION_FAILURE"})
  void aPageThatCannotBeReadFailsTheFaultAndIsFreed(PagerResult result, KernReturn expected) {
    long va = memory.map(file, 4);
    pager.result = result;

    assertThat(memory.read(va)).isEqualTo(expected);

    assertThat(file.residentPageCount()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"ERROR, FAILURE", "BAD, PROTECTION_FAILURE"})
  void soItDoesBehindTheFirstObject(PagerResult result, KernReturn expected) {
    VmObject shadow = memory.objects.shadow(file, 0, 4 * PAGE).object();
    long va = memory.map(shadow, 4);
    pager.result = result;

    assertThat(memory.write(va)).isEqualTo(expected);

    assertThat(file.residentPageCount() + shadow.residentPageCount()).isZero();
  }

  @Test
  void aPagerThatThrowsLeavesNothingBusy() {
    VmObject shadow = memory.objects.shadow(file, 0, 4 * PAGE).object();
    long va = memory.map(shadow, 4);
    pager.put(file, 0, 11);
    pager.meanwhile =
        () -> {
          throw new IllegalStateException("the disk is gone");
        };

    assertThatThrownBy(() -> memory.write(va)).hasMessage("the disk is gone");

    assertThat(file.residentPageCount() + shadow.residentPageCount()).isZero();
    pager.meanwhile = () -> {};
    assertThat(memory.write(va)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.read(va)).isEqualTo(11);
  }

  @Test
  void aPagerThatThrowsWhenItIsToWriteLeavesThePageAsItWas() {
    VmPage page = memory.put(file, 0, 11);
    memory.locked(
        () -> {
          kernel.vm.pageState().dirty(page);
          kernel.vm.pageState().deactivate(page);
        });
    kernel.scanFor(1);
    pager.meanwhile =
        () -> {
          throw new IllegalStateException("the disk is gone");
        };

    assertThatThrownBy(() -> kernel.scanFor(1)).hasMessage("the disk is gone");

    assertThat(page.isBusy()).isFalse();
    assertThat(page.dirty()).isEqualTo(VmPage.BITS_ALL);
    assertThat(page.queue()).isEqualTo(PageQueueIndex.ACTIVE);
    memory.objects.deallocate(file);
  }

  @Test
  void whatThePagerDoesNotHaveIsZero() {
    long va = memory.map(file, 4);
    pager.result = PagerResult.FAIL;

    assertThat(memory.read(va)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va)).isZero();
  }

  @Test
  void aPageReadBehindIsCopiedForAWrite() {
    pager.put(file, 2, 22);
    VmObject shadow = memory.objects.shadow(file, PAGE, 2 * PAGE).object();
    long va = memory.map(shadow, 2);

    assertThat(memory.write(va + PAGE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(memory.word(shadow, 1)).isEqualTo(22);
    assertThat(memory.word(file, 2)).isEqualTo(22);
    assertThat(kernel.pageAt(va + PAGE)).isSameAs(memory.page(shadow, 1));
  }

  @Test
  void swapIsNotAskedForWhatItDoesNotHave() {
    VmObject object = memory.anonymous(2);
    object.setPager(ObjectType.SWAP, pager);
    pager.put(object, 1, 11);
    long va = memory.map(object, 2);

    memory.read(va);
    memory.read(va + PAGE);

    assertThat(pager.reads).isEqualTo(1);
    assertThat(kernel.read(va)).isZero();
    assertThat(kernel.read(va + PAGE)).isEqualTo(11);
  }

  @Test
  void anErrorInTheKernelMapItselfIsTolerated() {
    pager.result = PagerResult.ERROR;
    long va;
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      kernel.map().lock();
      va = kernel.vm.maps().space().find(kernel.map(), kernel.map().min(), 4 * PAGE, PAGE, 0);
      MapInsertion.Mapping mapping =
          new MapInsertion.Mapping(file, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
      kernel.vm.maps().insertion().insert(kernel.map(), reservation, mapping, va, va + 4 * PAGE);
      kernel.map().unlock();
    }

    assertThat(kernel.vm.faults().fault(kernel.map(), va, VmProt.READ, FaultFlags.NORMAL))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va)).isZero();
  }

  @Test
  void aPagerMayFaultItself() {
    pager.put(file, 0, 11);
    long va = memory.map(file, 4);
    long other = memory.map(memory.anonymous(1), 1);
    pager.meanwhile = () -> assertThat(memory.write(other)).isEqualTo(KernReturn.SUCCESS);

    assertThat(memory.read(va)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va)).isEqualTo(11);
    assertThat(kernel.read(other)).isZero();
  }

  @Test
  void aWireThatFailsInTheMiddleUnwiresWhatItHadWired() {
    for (int i = 0; i < 4; i++) {
      pager.put(file, i, i);
    }
    long va = memory.map(file, 4);
    pager.meanwhile = () -> pager.result = pager.reads > 2 ? PagerResult.ERROR : PagerResult.OK;

    assertThat(memory.wire(va, 4)).isEqualTo(KernReturn.FAILURE);

    assertThat(kernel.wiredCount()).isZero();
    assertThat(memory.page(file, 0).wireCount()).isZero();
    assertThat(memory.page(file, 1).wireCount()).isZero();
    assertThat(file.residentPage(2)).isNull();
  }
}
