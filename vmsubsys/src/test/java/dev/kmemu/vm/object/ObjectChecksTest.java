package dev.kmemu.vm.object;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.VmArith;
import dev.kmemu.vm.page.VmPage;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each invariant of objects and their chains, broken by hand, is found. */
class ObjectChecksTest {

  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(8L << 20)),
          TlbControl.none(),
          KernelVmConfig.of(new PhysicalAddress(1L << 20)));
  private final long va = vm.kmem().alloc(vm.kernelMap(), VmArith.PAGE_SIZE).orThrow().value();
  private final VmObject object = vm.objects().kernelObject();
  private final VmObject other = vm.objects().allocate(ObjectType.DEFAULT, 1);

  @BeforeEach
  void allIsWell() {
    assertThat(vm.check()).isEmpty();
  }

  private void assertFinds(String invariant, String what) {
    assertThat(vm.check())
        .anySatisfy(
            violation -> {
              assertThat(violation.invariant()).isEqualTo(invariant);
              assertThat(violation.toString()).contains(what);
            });
  }

  /** Makes {@code other} a shadow that {@code object} doesn't count. */
  private void listShadow() {
    object.firstShadow = other;
    other.backingObject = object;
  }

  @Test
  void aPageInTwoObjects() {
    VmPage page = Objects.requireNonNull(object.residentPage(VmArith.offToIdx(va)));
    vm.growth().tableObject().addResident(page);
    assertFinds("P2", page + ": expected belongs to kptobj");
  }

  @Test
  void aDeadObjectThatIsReached() {
    object.dead = true;
    assertFinds("P3", "expected not dead");
  }

  @Test
  void pagingThatNobodyEnded() {
    object.pagingInProgress = 1;
    assertFinds("P3", "paging_in_progress");
  }

  @Test
  void aShadowThatIsNotCounted() {
    listShadow();
    assertFinds("P3", object + " shadow_count");
  }

  @Test
  void aShadowThatIsBackedByNobody() {
    listShadow();
    other.backingObject = null;
    object.shadowCount = 1;
    assertFinds("P3", other + ": expected is backed by " + object);
  }

  @Test
  void aShadowWithoutItsReference() {
    listShadow();
    object.shadowCount = 1;
    object.refCount = 0;
    assertFinds("P3", object + ": expected a reference for each of 1 shadows");
  }

  @Test
  void aShadowThatIsReachedThroughWhatBacksItIsCheckedToo() {
    listShadow();
    other.pagingInProgress = 2;
    assertFinds("P3", other + " paging_in_progress");
  }

  @Test
  void aShadowThatItsBackingObjectDoesNotList() {
    object.backingObject = other;
    assertFinds("P3", object + ": expected is a shadow of " + other);
  }

  @Test
  void aBackingObjectIsCheckedToo() {
    object.backingObject = other;
    other.pagingInProgress = 2;
    assertFinds("P3", other + " paging_in_progress");
  }

  @Test
  void shadowsBehindTheFirstAreListedToo() {
    VmObject third = vm.objects().allocate(ObjectType.DEFAULT, 1);
    listShadow();
    other.nextShadow = third;
    third.backingObject = object;
    object.shadowCount = 2;
    object.refCount += 2;

    assertThat(vm.check()).extracting("object").containsExactly("kernel_object ref_count");
  }
}
