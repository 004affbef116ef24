package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.BASE;
import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.PAGES;
import static dev.kmemu.vm.map.MapKernel.at;
import static dev.kmemu.vm.map.MapKernel.mapping;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_insert}: its result codes, its flags, and what it merges with. */
class MapInsertTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  @Test
  void rangesOutsideTheMapAndEmptyOnesAreInvalidAddresses() {
    var mapping = mapping(null, 0, 0);

    assertThat(kernel.insert(kernel.map, mapping, BASE - PAGE, BASE + PAGE))
        .isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.insert(mapping, PAGES - 1, PAGES + 1)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.insert(mapping, 5, 5)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.insert(mapping, 6, 5)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.map.nentries()).isZero();
  }

  @Test
  void takenRangesLeaveNoSpaceAndTheReferenceStaysWithTheCaller() {
    kernel.anonymous(4, 8);
    VmObject object = kernel.object(4);

    assertThat(kernel.insert(mapping(object, 0, 0), 7, 9)).isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.insert(mapping(object, 0, 0), 2, 5)).isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.insert(mapping(object, 0, 0), 4, 5)).isEqualTo(KernReturn.NO_SPACE);

    assertThat(object.refCount()).isEqualTo(1);
    assertThat(kernel.layout()).isEqualTo("4-8");
    kernel.vm.objects().deallocate(object);
  }

  @Test
  void addressChecksComeBeforeTheSearchForSpace() {
    kernel.anonymous(0, 1);

    assertThat(kernel.insert(kernel.map, mapping(null, 0, 0), BASE, BASE))
        .isEqualTo(KernReturn.INVALID_ADDRESS);
  }

  @Test
  void copyOnWriteMeansThatTheCopyIsStillNeeded() {
    kernel.backed(0, 4, EntryFlags.MAP_COPY_ON_WRITE);

    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW | EntryFlags.NEEDS_COPY);
  }

  @Test
  void everyOtherBitBecomesItsFlagAndPrefaultingNone() {
    kernel.insert(
        mapping(
            null,
            0,
            EntryFlags.MAP_DISABLE_SYNCER
                | EntryFlags.MAP_IS_STACK
                | EntryFlags.MAP_DISABLE_COREDUMP
                | EntryFlags.MAP_NOFAULT),
        0,
        1);
    kernel.insert(
        mapping(
            null,
            0,
            EntryFlags.MAP_PREFAULT
                | EntryFlags.MAP_PREFAULT_PARTIAL
                | EntryFlags.MAP_PREFAULT_MADVISE),
        2,
        3);

    assertThat(kernel.entry(0).eflags())
        .isEqualTo(
            EntryFlags.NOSYNC | EntryFlags.STACK | EntryFlags.NOCOREDUMP | EntryFlags.NOFAULT);
    assertThat(kernel.entry(2).eflags()).isZero();
    assertThat(kernel.space.pmap().pvCount()).isZero();
  }

  @Test
  void nofaultWithAnObjectIsAPanic() {
    VmObject object = kernel.object(1);

    assertThatThrownBy(() -> kernel.insert(mapping(object, 0, EntryFlags.MAP_NOFAULT), 0, 1))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("vm_map_insert: paradoxical MAP_NOFAULT request");
  }

  @Test
  void softwarePageTablesAreRefusedWithAReason() {
    var mapping = new MapInsertion.Mapping(null, 0, MapType.VPAGETABLE, VmProt.ALL, VmProt.ALL, 0);

    assertThatThrownBy(() -> kernel.insert(mapping, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("software page table");
    assertThat(kernel.map.nentries()).isZero();
  }

  @Test
  void memoryWithoutAnObjectGrowsTheEntryBeforeItAndSwallowsTheOneBehind() {
    kernel.anonymous(0, 2);
    kernel.anonymous(4, 6);

    kernel.anonymous(2, 4);

    assertThat(kernel.layout()).isEqualTo("0-6");
    assertThat(kernel.map.size()).isEqualTo(6 * PAGE);
  }

  @Test
  void anEntryInFrontIsNeverExtendedDownwards() {
    kernel.anonymous(2, 4);

    kernel.anonymous(0, 2);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
  }

  @Test
  void theObjectOfTheEntryBeforeGrowsToo() {
    kernel.anonymous(0, 2);
    kernel.fault(0, VmProt.WRITE);

    kernel.anonymous(2, 5);

    assertThat(kernel.layout()).isEqualTo("0-5");
    assertThat(kernel.entry(0).object()).isNotNull().returns(5L, VmObject::size);
    assertThat(kernel.fault(4, VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void anEntryThatSharesAGrownObjectHasAReferenceOfItsOwn() {
    kernel.anonymous(0, 2);
    kernel.fault(0, VmProt.WRITE);
    VmObject object = kernel.entry(0).object();

    kernel.insert(mapping(null, 0, VmProt.READ, 0), 2, 4);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
    assertThat(kernel.entry(2).object()).isSameAs(object).returns(2, VmObject::refCount);
    assertThat(kernel.entry(2).offset()).isEqualTo(2 * PAGE);
    kernel.remove(0, 2);
    assertThat(object).returns(1, VmObject::refCount).returns(false, VmObject::isDead);
    kernel.remove(2, 4);
    assertThat(object).returns(true, VmObject::isDead);
  }

  @Test
  void otherAttributesWithoutAnObjectMakeAnEntryWithoutOne() {
    kernel.anonymous(0, 2);

    kernel.insert(mapping(null, 0, VmProt.READ, 0), 2, 4);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
    assertThat(kernel.entry(2).object()).isNull();
    assertThat(kernel.entry(2).offset()).isEqualTo(2 * PAGE);
  }

  @Test
  void anotherInheritanceKeepsEntriesApart() {
    kernel.anonymous(0, 2);
    kernel.vm.maps().protection().inherit(kernel.map, at(0), at(2), Inheritance.SHARE);

    kernel.anonymous(2, 4);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
    assertThat(kernel.entry(2).inheritance()).isEqualTo(Inheritance.COPY);
  }

  @Test
  void otherFlagsOrWiringKeepEntriesAndObjectsApart() {
    kernel.anonymous(0, 2);
    kernel.wire(0, 2);
    kernel.anonymous(2, 4);
    kernel.insert(mapping(null, 0, EntryFlags.MAP_NOFAULT), 4, 6);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4 4-6");
    assertThat(kernel.entry(2).object()).isNull();
    assertThat(kernel.entry(4).offset()).isZero();
  }

  @Test
  void memoryWithAnObjectNeverMergesWhenItIsInserted() {
    VmObject object = kernel.backed(0, 2, 0);
    kernel.vm.objects().reference(object);

    kernel.insert(mapping(object, 2 * PAGE, 0), 2, 4);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4");
    assertThat(object.isOneMapping()).as("a shared object has no single mapping").isFalse();
  }
}
