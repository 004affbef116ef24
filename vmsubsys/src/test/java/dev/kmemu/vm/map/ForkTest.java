package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code vmspace_fork}: what a child inherits, entry by entry. */
class ForkTest {

  private final MapKernel kernel = new MapKernel();

  private VmMap fork() {
    VmMap child = kernel.spaces.fork(kernel.space).map();
    kernel.check();
    return child;
  }

  private void inherit(int from, int to, Inheritance inheritance) {
    kernel.vm.maps().protection().inherit(kernel.map, at(from), at(to), inheritance);
  }

  private long read(VmMap map, int page) {
    return kernel.vm.ram().load64(new PhysicalAddress(map.pmap().extract(at(page))));
  }

  private void write(int page, long value) {
    kernel.fault(page, VmProt.WRITE);
    kernel.vm.ram().store64(new PhysicalAddress(kernel.map.pmap().extract(at(page))), value);
  }

  @Test
  void aCopyIsPutOffOnBothSidesAndTheParentLosesWriteAccess() {
    VmObject object = kernel.backed(0, 2, 0);
    kernel.fault(0, VmProt.WRITE);
    int timestamp = kernel.map.timestamp();

    VmMap child = fork();

    int put = EntryFlags.COW | EntryFlags.NEEDS_COPY;
    assertThat(kernel.entry(0).eflags()).isEqualTo(put);
    assertThat(MapKernel.entry(child, 0).eflags()).isEqualTo(put);
    assertThat(MapKernel.entry(child, 0).object()).isSameAs(object);
    assertThat(object).returns(2, VmObject::refCount).returns(false, VmObject::isOneMapping);
    assertThat(kernel.pte(0) & (PteBits.V | PteBits.RW)).isEqualTo(PteBits.V);
    assertThat(kernel.map.timestamp())
        .as("faults under way must retry")
        .isGreaterThan(timestamp + 1);
  }

  @Test
  void aWriteGivesTheWriterAShadowAndTheOtherKeepsTheObject() {
    VmObject object = kernel.backed(0, 2, 0);
    VmMap child = fork();

    kernel.fault(0, VmProt.WRITE);

    assertThat(kernel.entry(0).object())
        .isNotNull()
        .isNotSameAs(object)
        .returns(object, VmObject::backingObject);
    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW);
    assertThat(MapKernel.entry(child, 0).object()).isSameAs(object);
    kernel.check();
  }

  @Test
  void memoryThatWasNeverTouchedHasNothingToCopy() {
    kernel.anonymous(0, 2);

    VmMap child = fork();

    assertThat(MapKernel.entry(child, 0).object()).isNull();
    assertThat(MapKernel.entry(child, 0).eflags()).isZero();
  }

  @Test
  void sharedMemoryHasOneObjectMadeBeforeTheForkIfNeedBe() {
    kernel.anonymous(0, 2);
    inherit(0, 2, Inheritance.SHARE);

    VmMap child = fork();

    VmObject object = kernel.entry(0).object();
    assertThat(object)
        .isNotNull()
        .returns(2, VmObject::refCount)
        .returns(false, VmObject::isOneMapping);
    assertThat(MapKernel.entry(child, 0).object()).isSameAs(object);
    assertThat(MapKernel.entry(child, 0).inheritance()).isEqualTo(Inheritance.SHARE);
    assertThat(MapKernel.entry(child, 0).eflags()).isZero();
  }

  @Test
  void sharingWhatStillNeedsACopyMakesTheCopyFirst() {
    VmObject object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.vm.objects().reference(object);
    inherit(0, 2, Inheritance.SHARE);

    VmMap child = fork();

    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW);
    assertThat(kernel.entry(0).object())
        .isNotNull()
        .returns(object, VmObject::backingObject)
        .returns(2, VmObject::refCount)
        .isSameAs(MapKernel.entry(child, 0).object());
  }

  @Test
  void whatIsNotInheritedLeavesAHoleAndCountsNot() {
    kernel.anonymous(0, 6);
    inherit(2, 4, Inheritance.NONE);

    VmMap child = fork();

    assertThat(MapKernel.layout(child)).isEqualTo("0-2 4-6");
    assertThat(child.size()).isEqualTo(4 * PAGE);
    assertThat(child.nentries()).isEqualTo(2);
  }

  @Test
  void wiredPagesAreCopiedAtOnceAndTheChildsAreNotWired() {
    kernel.anonymous(0, 2);
    kernel.mlock(0, 2);
    write(1, 42);

    VmMap child = fork();

    VmMapEntry copy = MapKernel.entry(child, 0);
    assertThat(copy.wiredCount()).isZero();
    assertThat(copy.eflags() & EntryFlags.USER_WIRED).isZero();
    assertThat(copy.object()).isNotNull().isNotSameAs(kernel.entry(0).object());
    assertThat(kernel.entry(0).eflags() & EntryFlags.NEEDS_COPY).isZero();
    assertThat(kernel.pte(1) & PteBits.RW).as("wired pages stay writeable").isNotZero();
    kernel.vm.faults().fault(child, at(1), VmProt.READ, 0);
    assertThat(read(child, 1)).isEqualTo(42);
    write(1, 43);
    assertThat(read(child, 1)).isEqualTo(42);
    kernel.check();
  }

  @Test
  void aStackMayGrowInTheChildToo() {
    kernel.vm.maps().stacks().stack(kernel.map, at(0), 64 * PAGE, true, VmProt.ALL, VmProt.ALL, 0);

    VmMap child = fork();

    assertThat(MapKernel.entry(child, 63).availableStack()).isEqualTo(32 * PAGE);
    assertThat(MapKernel.entry(child, 63).eflags()).isEqualTo(EntryFlags.STACK);
  }

  @Test
  void endingAllSpacesEndsTheObjects() {
    VmObject object = kernel.backed(0, 2, 0);
    VmSpace child = kernel.spaces.fork(kernel.space);
    kernel.fault(0, VmProt.WRITE);
    kernel.vm.faults().fault(child.map(), at(1), VmProt.WRITE, 0);
    VmObject shadow = Objects.requireNonNull(kernel.entry(0).object());

    kernel.spaces.free(child);
    assertThat(shadow.isDead()).isFalse();
    kernel.spaces.free(kernel.space);

    assertThat(object.isDead()).isTrue();
    assertThat(shadow.isDead()).isTrue();
    kernel.check();
  }

  @Test
  void aSubmapCanNotBeInherited() {
    kernel.vm.kmem().suballoc(kernel.map, "sub", PAGE);

    assertThatThrownBy(() -> kernel.spaces.fork(kernel.space))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("vm_map_fork: encountered a submap");
    assertThat(kernel.map.isInFork()).isFalse();
    kernel.map.lock();
    kernel.map.unlock();
  }
}
