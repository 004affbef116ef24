package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_unwire}: mlock and munlock, alone and beside the kernel's wiring. */
class UserWiringTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private int userWired(int page) {
    return kernel.entry(page).eflags() & EntryFlags.USER_WIRED;
  }

  @Test
  void lockingWiresEachPageOnceAndMarksTheEntry() {
    kernel.anonymous(0, 4);

    assertThat(kernel.mlock(1, 3)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("0-1 1-3 3-4");
    assertThat(kernel.entry(1)).returns(1, VmMapEntry::wiredCount);
    assertThat(userWired(1)).isNotZero();
    assertThat(kernel.pageAt(1).wireCount()).isEqualTo(1);
    assertThat(kernel.pte(1) & PteBits.W).isNotZero();
    assertThat(kernel.wiredPages()).isEqualTo(2);
  }

  @Test
  void lockingTwiceCountsOnce() {
    kernel.anonymous(0, 4);
    kernel.mlock(0, 4);

    assertThat(kernel.mlock(0, 4)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.entry(0).wiredCount()).isEqualTo(1);
    assertThat(kernel.munlock(0, 4)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.wiredPages()).isZero();
  }

  @Test
  void theKernelsWiringCountsBesideTheUsers() {
    kernel.anonymous(0, 4);
    kernel.wire(0, 4);
    kernel.mlock(0, 4);
    assertThat(kernel.entry(0).wiredCount()).isEqualTo(2);

    kernel.munlock(0, 4);

    assertThat(kernel.entry(0).wiredCount()).isEqualTo(1);
    assertThat(kernel.wiredPages()).isEqualTo(4);
    assertThat(kernel.unwire(0, 4)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.wiredPages()).isZero();
  }

  @Test
  void unlockingNeedsEveryEntryLockedAndElseChangesNothing() {
    kernel.anonymous(0, 4);
    kernel.mlock(0, 2);
    kernel.wire(2, 4);

    assertThat(kernel.munlock(0, 4)).isEqualTo(KernReturn.INVALID_ARGUMENT);

    assertThat(kernel.entry(0).wiredCount()).isEqualTo(1);
    assertThat(kernel.wiredPages()).isEqualTo(4);
  }

  @Test
  void holesAndEmptyRangesAreInvalidAddresses() {
    kernel.anonymous(0, 2);
    kernel.anonymous(3, 4);

    assertThat(kernel.mlock(0, 4)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.mlock(1, 1)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(kernel.munlock(2, 3)).isEqualTo(KernReturn.INVALID_ADDRESS);

    assertThat(kernel.layout()).isEqualTo("0-2 3-4");
    assertThat(kernel.wiredPages()).isZero();
  }

  @Test
  void aFailureUnlocksWhatWasLockedNowAndKeepsWhatWasLockedBefore() {
    kernel.anonymous(0, 8);
    kernel.mlock(1, 2);
    kernel.vm.maps().protection().protect(kernel.map, at(4), at(5), VmProt.NONE, true);

    assertThat(kernel.mlock(0, 8)).isNotEqualTo(KernReturn.SUCCESS);

    assertThat(userWired(0)).isZero();
    assertThat(userWired(1)).isNotZero();
    assertThat(userWired(2)).isZero();
    assertThat(kernel.entry(2).wiredCount()).isZero();
    assertThat(kernel.entry(4).wiredCount()).isZero();
    assertThat(kernel.entry(5).wiredCount()).isZero();
    assertThat(kernel.wiredPages()).isEqualTo(1);
  }

  @Test
  void lockingAPrivateWriteableMappingMakesItsCopyFirst() {
    var object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.vm.objects().reference(object);

    assertThat(kernel.mlock(0, 2)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW | EntryFlags.USER_WIRED);
    assertThat(kernel.entry(0).object()).isNotSameAs(object);
  }

  @Test
  void theKernelsWiringMakesTheCopyTooAndALockOfWhatIsReadOnly() {
    var object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.vm.objects().reference(object);
    var readOnly = kernel.object(2);
    kernel.vm.objects().reference(readOnly);
    kernel.insert(MapKernel.mapping(readOnly, 0, VmProt.READ, EntryFlags.MAP_COPY_ON_WRITE), 4, 6);

    kernel.wire(0, 2);
    kernel.mlock(4, 6);

    assertThat(kernel.entry(0).object()).isNotSameAs(object);
    assertThat(kernel.entry(0).eflags() & EntryFlags.NEEDS_COPY).isZero();
    assertThat(kernel.entry(4).object()).isNotSameAs(readOnly);
    assertThat(kernel.entry(4).eflags() & EntryFlags.NEEDS_COPY).isZero();
  }

  @Test
  void pagesThatNoAccessIsLeftToAreUnlockedToo() {
    kernel.anonymous(0, 4);
    kernel.mlock(0, 4);
    kernel.protect(0, 4, VmProt.NONE);
    assertThat(kernel.space.pmap().extract(at(0))).isZero();

    assertThat(kernel.munlock(0, 4)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.wiredPages()).isZero();
    assertThat(kernel.space.pmap().statistics().wiredCount()).isZero();
    assertThat(kernel.counter(VmCounter.ACTIVE_COUNT)).isEqualTo(4);
  }

  @Test
  void soAreThoseOfARangeThatIsRemoved() {
    var object = kernel.backed(0, 4, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.vm.objects().reference(object);
    kernel.protect(0, 4, VmProt.READ);
    kernel.mlock(0, 4);
    kernel.protect(0, 4, VmProt.NONE);

    kernel.remove(0, 4);

    assertThat(kernel.wiredPages()).isZero();
    kernel.vm.objects().deallocate(object);
  }

  @Test
  void lockingAPageThatMayNotBeReadMakesItAndForbidsWritingForGood() {
    kernel.anonymous(0, 1);
    kernel.protect(0, 1, VmProt.NONE);

    assertThat(kernel.mlock(0, 1)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.wiredPages()).isEqualTo(1);
    assertThat(kernel.pte(0) & (PteBits.W | PteBits.RW)).isEqualTo(PteBits.W);
    assertThat(kernel.entry(0).maxProtection()).isEqualTo(VmProt.ALL & ~VmProt.WRITE);
    assertThat(kernel.protect(0, 1, VmProt.READ | VmProt.WRITE))
        .isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(kernel.munlock(0, 1)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.wiredPages()).isZero();
  }

  /** As upstream: what the first page's fault forbids for good, the second one's asks for. */
  @Test
  void moreThanOneSuchPageCannotBeLocked() {
    kernel.anonymous(0, 2);
    kernel.protect(0, 2, VmProt.NONE);

    assertThat(kernel.mlock(0, 2)).isEqualTo(KernReturn.PROTECTION_FAILURE);

    assertThat(kernel.wiredPages()).isZero();
    assertThat(kernel.space.pmap().statistics().wiredCount()).isZero();
  }

  @Test
  void theMemoryOfADeviceHasNoPagesToUnlock() {
    VmObject device = kernel.vm.paging().pagers().device(new PhysicalAddress(0xD000_0000L), 4);
    kernel.vm.objects().reference(device);
    VmObject shadow = kernel.vm.objects().shadow(device, 0, 2 * MapKernel.PAGE).object();
    kernel.insert(MapKernel.mapping(device, 0, 0), 0, 2);
    kernel.insert(MapKernel.mapping(shadow, 0, VmProt.READ, 0), 2, 4);

    assertThat(kernel.mlock(0, 4)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.space.pmap().extract(at(3))).isEqualTo(0xD000_1000L);
    assertThat(kernel.space.pmap().statistics().wiredCount()).isEqualTo(4);
    assertThat(kernel.wiredPages()).isZero();
    assertThat(kernel.munlock(0, 4)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.space.pmap().statistics().wiredCount()).isZero();
  }

  @Test
  void aCopyOfWhatIsNotRamReadsAsAllOnes() {
    VmObject device = kernel.vm.paging().pagers().device(new PhysicalAddress(0xD000_0000L), 4);
    kernel.insert(MapKernel.mapping(device, 0, EntryFlags.MAP_COPY_ON_WRITE), 0, 2);

    assertThat(kernel.vm.faults().fault(kernel.map, at(0), VmProt.WRITE, 0))
        .isEqualTo(KernReturn.SUCCESS);

    long copied = kernel.space.pmap().extract(at(0));
    assertThat(kernel.vm.ram().load64(new PhysicalAddress(copied))).isEqualTo(-1L);
  }

  @Test
  void deletionEndsBothKindsOfWiring() {
    kernel.anonymous(0, 4);
    kernel.mlock(0, 4);
    kernel.wire(0, 2);

    kernel.remove(0, 4);

    assertThat(kernel.wiredPages()).isZero();
    assertThat(kernel.space.pmap().statistics().wiredCount()).isZero();
  }
}
