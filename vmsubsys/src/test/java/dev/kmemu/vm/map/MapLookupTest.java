package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_lookup}: what a fault is told about an address. */
class MapLookupTest {

  private final MapKernel kernel = new MapKernel();
  private final MapLookup lookup = new MapLookup(kernel.vm.objects());

  @AfterEach
  void nothingStaysLockedAndInvariantsHold() {
    kernel.map.lock();
    kernel.map.unlock();
    kernel.check();
  }

  /** Looks up and unlocks again. */
  private KernReturn find(int page, int type) {
    KernReturn result = lookup.find(kernel.map, at(page), type);
    if (result == KernReturn.SUCCESS) {
      lookup.map().unlock();
    }
    return result;
  }

  @Test
  void anAddressWithoutAnEntryIsInvalid() {
    kernel.anonymous(2, 4);

    assertThat(find(1, VmProt.READ)).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(find(4, VmProt.READ)).isEqualTo(KernReturn.INVALID_ADDRESS);
  }

  @Test
  void theMapIsLockedSharedEvenIfAnObjectHadToBeMade() {
    kernel.anonymous(0, 2);

    assertThat(lookup.find(kernel.map, at(0), VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.map.tryLockRead()).isTrue();
    kernel.map.unlock();
    kernel.map.unlock();
    assertThat(kernel.map.lockHolders().readers()).isZero();
  }

  @Test
  void missingBitsAreAProtectionFailure() {
    kernel.anonymous(0, 2);
    kernel.protect(0, 2, VmProt.READ);

    assertThat(find(0, VmProt.WRITE)).isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(find(0, VmProt.READ | VmProt.EXECUTE)).isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(find(0, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void anOverrideTestsTheMaximum() {
    kernel.anonymous(0, 2);
    kernel.protect(0, 2, VmProt.READ);

    assertThat(find(0, VmProt.WRITE | VmProt.OVERRIDE_WRITE)).isEqualTo(KernReturn.SUCCESS);
    assertThat(lookup.protection()).isEqualTo(VmProt.ALL);
    assertThat(lookup.faultType()).isEqualTo(VmProt.WRITE);
  }

  @Test
  void aWriteToAUsersWiredPrivatePageNeedsAnOverride() {
    kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.mlock(0, 2);

    assertThat(find(0, VmProt.WRITE)).isEqualTo(KernReturn.PROTECTION_FAILURE);
    assertThat(find(0, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
    assertThat(find(0, VmProt.WRITE | VmProt.OVERRIDE_WRITE)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void aWiredEntryIsServedForAllThatItAllows() {
    kernel.anonymous(0, 2);
    kernel.protect(0, 2, VmProt.READ | VmProt.WRITE);
    kernel.wire(0, 2);

    assertThat(find(0, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(lookup.wired()).isTrue();
    assertThat(lookup.faultType()).isEqualTo(VmProt.READ | VmProt.WRITE);
    assertThat(lookup.protection()).isEqualTo(VmProt.READ | VmProt.WRITE);
  }

  @Test
  void aReadOfAPrivateMappingLosesWriteAccess() {
    VmObject object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);

    assertThat(find(0, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(lookup.protection()).isEqualTo(VmProt.READ | VmProt.EXECUTE);
    assertThat(lookup.object()).isSameAs(object);
    assertThat(kernel.entry(0).eflags() & EntryFlags.NEEDS_COPY).isNotZero();
  }

  @Test
  void aWriteToAPrivateMappingGetsAShadowOfTheEntrysPart() {
    VmObject object = kernel.object(8);
    kernel.vm.objects().reference(object);
    kernel.insert(MapKernel.mapping(object, 3 * PAGE, EntryFlags.MAP_COPY_ON_WRITE), 0, 2);

    assertThat(find(1, VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW);
    assertThat(lookup.object())
        .isNotNull()
        .returns(object, VmObject::backingObject)
        .returns(3 * PAGE, VmObject::backingObjectOffset)
        .returns(2L, VmObject::size);
    assertThat(lookup.pindex()).isEqualTo(1);
    assertThat(kernel.entry(0).offset()).isZero();
    assertThat(lookup.protection()).isEqualTo(VmProt.ALL);
    assertThat(object).returns(2, VmObject::refCount).returns(1, VmObject::shadowCount);
    kernel.remove(0, 2);
    assertThat(object).returns(1, VmObject::refCount).returns(0, VmObject::shadowCount);
  }

  @Test
  void anAnonymousObjectThatNobodySharesServesAsItsOwnShadow() {
    VmObject object = kernel.backed(0, 2, EntryFlags.MAP_COPY_ON_WRITE);

    find(0, VmProt.WRITE);

    assertThat(lookup.object()).isSameAs(object);
    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW);
  }

  @Test
  void aPrivateMappingOfNothingGetsAnObjectWithTheFirstWrite() {
    kernel.insert(MapKernel.mapping(null, 0, EntryFlags.MAP_COPY_ON_WRITE), 0, 2);

    assertThat(find(1, VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(lookup.object()).isNotNull().returns(null, VmObject::backingObject);
    assertThat(kernel.entry(0).eflags()).isEqualTo(EntryFlags.COW);
  }

  @Test
  void onlyOrdinaryMapsMakeObjectsOnDemand() {
    kernel.anonymous(0, 2);
    assertThat(find(1, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
    assertThat(lookup.object()).isNotNull().returns(2L, VmObject::size);
    assertThat(lookup.pindex()).isEqualTo(1);
    kernel.remove(0, 2);
    kernel.map.setSystemMap();
    kernel.anonymous(0, 2);

    assertThat(find(1, VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(lookup.object()).isNull();
  }

  @Test
  void makingAnObjectChangesTheTimestampAndReadingDoesNot() {
    kernel.anonymous(0, 2);
    int before = kernel.map.timestamp();

    find(0, VmProt.READ);
    int made = kernel.map.timestamp();
    find(0, VmProt.READ);

    assertThat(made).isEqualTo(before + 1);
    assertThat(kernel.map.timestamp()).isEqualTo(made);
  }

  @Test
  void aSubmapIsLookedUpInItself() {
    VmMap sub = kernel.submap(0, 4);
    kernel.insert(sub, MapKernel.mapping(null, 0, 0), at(1), at(2));

    assertThat(find(1, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
    assertThat(lookup.map()).isSameAs(sub);
    assertThat(find(2, VmProt.READ)).isEqualTo(KernReturn.INVALID_ADDRESS);
    sub.lock();
    sub.unlock();
  }

  @Test
  void nofaultIsNotTheLookupsBusiness() {
    kernel.map.setSystemMap();
    kernel.insert(MapKernel.mapping(null, 0, EntryFlags.MAP_NOFAULT), 0, 1);

    assertThat(find(0, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
  }
}
