package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryFlags;
import dev.kmemu.vm.map.Inheritance;
import dev.kmemu.vm.map.MapWiring;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code KM_STACK}: the page below a kernel stack, where an overflow must end. */
class KernelStackTest {

  private static final int PAGES = 4;

  private final TestKernel kernel = TestKernel.small();

  @AfterEach
  void check() {
    kernel.check();
  }

  private long stack() {
    return kernel
        .vm
        .kmem()
        .alloc3(kernel.map(), PAGES * PAGE, MapWiring.KM_STACK)
        .orThrow()
        .value();
  }

  private KernReturn touch(long va) {
    return kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, 0);
  }

  @Test
  void theLowestPageTakesNoMemory() {
    long va = stack();

    assertThat(kernel.vm.pmap().extract(va)).isZero();
    assertThat(kernel.vm.objects().kernelObject().residentPage(VmArith.offToIdx(va))).isNull();
    assertThat(kernel.wiredCount()).isEqualTo(PAGES - 1);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isEqualTo(PAGES - 1);
    assertThat(kernel.map().first().end() - va).isEqualTo(PAGES * PAGE);
    assertThat(kernel.map().first().eflags()).isEqualTo(0x0800);
    assertThat(kernel.read(va + PAGE)).isZero();
  }

  @Test
  void touchingItIsAPanicThatNamesTheAddress() {
    long va = stack();

    assertThatThrownBy(() -> touch(va))
        .isInstanceOfSatisfying(
            KernelPanic.class,
            panic ->
                assertThat(panic.text())
                    .isEqualTo(String.format("vm_fault: fault on stack guard, addr: 0x%x", va)));
    assertThat(touch(va + PAGE)).isEqualTo(KernReturn.SUCCESS);
  }

  /** Merged with the stack before it, the second one's guard would be a page like any other. */
  @Test
  void neighbouringStacksKeepAGuardEach() {
    long first = stack();
    long second = stack();

    assertThat(second).isEqualTo(first + PAGES * PAGE);
    assertThat(kernel.map().nentries()).isEqualTo(3);
    assertThatThrownBy(() -> touch(second)).isInstanceOf(KernelPanic.class);
  }

  @Test
  void memoryBesideAStackHasNoGuard() {
    kernel.alloc(PAGE);
    long stack = stack();
    long after = kernel.alloc(PAGE);

    assertThat(touch(after)).isEqualTo(KernReturn.SUCCESS);
    assertThatThrownBy(() -> touch(stack)).isInstanceOf(KernelPanic.class);
  }

  @Test
  void freeingItGivesEverythingBack() {
    long free = kernel.counter(VmCounter.FREE_COUNT);
    long va = stack();

    kernel.free(va, PAGES * PAGE);

    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    assertThat(kernel.map().nentries()).isEqualTo(1);
  }

  @Test
  void whatIsLeftOfAStackHasAGuardOnlyAtItsOldBottom() {
    long va = stack();

    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(va + 2 * PAGE), PAGE);

    assertThat(kernel.wiredCount()).isEqualTo(2);
    assertThat(touch(va + 3 * PAGE)).isEqualTo(KernReturn.SUCCESS);
    assertThatThrownBy(() -> touch(va)).isInstanceOf(KernelPanic.class);
    assertThat(kernel.map().first().next().eflags() & EntryFlags.KSTACK).isZero();
    kernel.free(va, PAGES * PAGE);
    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
  }

  @Test
  void whatRemainsAboveHasNoGuard() {
    long va = stack();

    kernel.free(va, 2 * PAGE);

    assertThat(touch(va + 2 * PAGE)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.map().first().eflags()).isZero();
  }

  @Test
  void aPartWithOtherAttributesHasNoGuard() {
    long va = stack();

    kernel
        .vm
        .maps()
        .protection()
        .inherit(kernel.map(), va + 2 * PAGE, va + 4 * PAGE, Inheritance.NONE);

    assertThat(touch(va + 2 * PAGE)).isEqualTo(KernReturn.SUCCESS);
    assertThatThrownBy(() -> touch(va)).isInstanceOf(KernelPanic.class);
  }

  @Test
  void unwiringAndWiringAgainLeaveTheGuardAlone() {
    long va = stack();
    long end = va + PAGES * PAGE;
    var wiring = kernel.vm.maps().wiring();

    assertThat(wiring.wire(kernel.map(), va, end, MapWiring.KM_PAGEABLE))
        .isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.wiredCount()).isZero();
    assertThat(wiring.wire(kernel.map(), va, end, 0)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.wiredCount()).isEqualTo(PAGES - 1);
  }
}
