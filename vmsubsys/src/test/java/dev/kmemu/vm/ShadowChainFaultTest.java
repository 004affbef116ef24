package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A fault finds the page nearest to the first object of the chain, wherever that is. */
class ShadowChainFaultTest {

  private final MappedObjects memory = new MappedObjects();
  private final TestKernel kernel = memory.kernel;
  private final VmObject bottom = memory.anonymous(16);
  private final VmObject middle = memory.shadowOf(bottom, 4, 10);
  private final VmObject top = memory.shadowOf(middle, 3, 4);
  private final long va;

  ShadowChainFaultTest() {
    memory.map(bottom, 16);
    memory.map(middle, 10);
    va = memory.map(top, 4);
  }

  @AfterEach
  void check() {
    kernel.check();
  }

  @Test
  void offsetsOfTheChainAddUp() {
    VmPage page = memory.put(bottom, 4 + 3 + 2, 92);

    assertThat(memory.read(va + 2 * PAGE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.pageAt(va + 2 * PAGE)).isSameAs(page);
  }

  @Test
  void theNearestPageWins() {
    memory.put(bottom, 7, 1);
    memory.put(middle, 3, 2);
    memory.read(va);
    assertThat(kernel.read(va)).isEqualTo(2);

    memory.put(top, 0, 3);
    memory.read(va);

    assertThat(kernel.read(va)).isEqualTo(3);
  }

  @Test
  void aPageFromBehindIsMappedForReadingOnly() {
    memory.put(middle, 3, 2);

    memory.read(va);

    assertThat(kernel.vm.pmap().tables().pte(va) & (PteBits.V | PteBits.RW)).isEqualTo(PteBits.V);
    assertThat(top.residentPageCount()).as("pages made for the copy").isZero();
    assertThat(kernel.counter(VmCounter.COW_FAULTS)).isZero();
  }

  @Test
  void whereTheChainHasNothingTheFirstObjectGetsZeroes() {
    assertThat(memory.read(va + PAGE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.read(va + PAGE)).isZero();
    assertThat(memory.page(top, 1)).isSameAs(kernel.pageAt(va + PAGE));
    assertThat(kernel.counter(VmCounter.ZFOD)).isEqualTo(1);
    assertThat(kernel.vm.pmap().tables().pte(va + PAGE) & PteBits.RW).isNotZero();
    assertThat(middle.residentPageCount() + bottom.residentPageCount()).isZero();
  }

  @Test
  void aPageWithoutContentsIsNotSeen() {
    memory.put(bottom, 7, 1);
    VmPage invalid = memory.put(middle, 3, 2);
    memory.locked(() -> invalid.setValid(false));

    memory.read(va);

    assertThat(kernel.read(va)).isEqualTo(1);
  }

  @Test
  void aWiredPageWithoutContentsStaysBehind() {
    memory.put(bottom, 7, 1);
    VmPage invalid = memory.put(middle, 3, 2);
    memory.locked(
        () -> {
          invalid.setValid(false);
          kernel.vm.pageState().wire(invalid);
        });

    memory.read(va);

    assertThat(kernel.read(va)).isEqualTo(1);
    assertThat(invalid.isBusy()).isFalse();
    assertThat(memory.page(middle, 3)).isSameAs(invalid);
  }

  @Test
  void anAccessBeyondTheObjectFailsEvenIfThereIsSomethingBehind() {
    memory.put(bottom, 3, 1);
    long small = memory.map(memory.shadowOf(bottom, 0, 3), 4);

    assertThat(memory.read(small + 3 * PAGE)).isEqualTo(KernReturn.PROTECTION_FAILURE);
  }

  @Test
  void eachFaultIsCountedOnce() {
    memory.read(va);
    memory.read(va + PAGE);

    assertThat(kernel.counter(VmCounter.VM_FAULTS)).isEqualTo(2);
  }
}
