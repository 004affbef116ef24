package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
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
    kernel.protect(4, 5, VmProt.NONE);

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
  void theKernelsWiringMakesTheCopyTooUnlessTheMappingIsReadOnly() {
    var object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.vm.objects().reference(object);
    var readOnly = kernel.object(2);
    kernel.insert(MapKernel.mapping(readOnly, 0, VmProt.READ, EntryFlags.MAP_COPY_ON_WRITE), 4, 6);

    kernel.wire(0, 2);
    kernel.mlock(4, 6);

    assertThat(kernel.entry(0).object()).isNotSameAs(object);
    assertThat(kernel.entry(0).eflags() & EntryFlags.NEEDS_COPY).isZero();
    assertThat(kernel.entry(4).object()).isSameAs(readOnly);
    assertThat(kernel.entry(4).eflags() & EntryFlags.NEEDS_COPY).isNotZero();
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
