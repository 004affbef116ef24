package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.VmPage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code mlock} of memory that forks share, or whose copy they put off. */
class ForkedWiringTest {

  private static final int RW = VmProt.READ | VmProt.WRITE;

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private void store(VmMap map, long word) {
    assertThat(kernel.vm.faults().fault(map, at(0), VmProt.WRITE, FaultFlags.DIRTY))
        .isEqualTo(KernReturn.SUCCESS);
    kernel.vm.ram().store64(new PhysicalAddress(map.pmap().extract(at(0))), word);
  }

  private long load(VmMap map) {
    assertThat(kernel.vm.faults().fault(map, at(0), VmProt.READ, FaultFlags.NORMAL))
        .isEqualTo(KernReturn.SUCCESS);
    return kernel.vm.ram().load64(new PhysicalAddress(map.pmap().extract(at(0))));
  }

  private VmMap fork() {
    return kernel.spaces.fork(kernel.space).map();
  }

  /** Else the pageout daemon would free it once it is unlocked: no swap has it, nobody wrote it. */
  @Test
  void aPageThatIsCopiedToBeLockedIsDirty() {
    kernel.anonymous(0, 1);
    store(kernel.map, 5);
    VmPage original = kernel.pageAt(0);
    fork();

    kernel.mlock(0, 1);

    assertThat(kernel.pageAt(0)).isNotSameAs(original);
    assertThat(kernel.pageAt(0).dirty()).isEqualTo(VmPage.BITS_ALL);
  }

  @Test
  void lockedMemoryThatIsSharedIsTheMemoryThatOthersWriteTo() {
    kernel.anonymous(0, 1);
    store(kernel.map, 5);
    fork();
    kernel.protect(0, 1, VmProt.READ);
    kernel.vm.maps().protection().inherit(kernel.map, at(0), at(1), Inheritance.SHARE);
    VmMap sharer = fork();
    assertThat(kernel.mlock(0, 1)).isEqualTo(KernReturn.SUCCESS);

    kernel.vm.maps().protection().protect(sharer, at(0), at(1), RW, false);
    store(sharer, 6);

    assertThat(load(kernel.map)).isEqualTo(6);
    assertThat(kernel.munlock(0, 1)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void lockedMemoryThatIsSharedLaterIsTheMemoryThatOthersWriteToAsWell() {
    kernel.anonymous(0, 1);
    store(kernel.map, 5);
    kernel.protect(0, 1, VmProt.READ);
    fork();
    assertThat(kernel.mlock(0, 1)).isEqualTo(KernReturn.SUCCESS);
    kernel.vm.maps().protection().inherit(kernel.map, at(0), at(1), Inheritance.SHARE);
    VmMap sharer = fork();

    kernel.vm.maps().protection().protect(sharer, at(0), at(1), RW, false);
    store(sharer, 6);

    assertThat(load(kernel.map)).isEqualTo(6);
    assertThat(kernel.munlock(0, 1)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void lockedPagesThatLostAllAccessAreUnwiredInTheEnd() {
    kernel.anonymous(0, 2);
    kernel.mlock(0, 2);
    assertThat(kernel.wiredPages()).isEqualTo(2);
    kernel.protect(0, 2, VmProt.NONE);

    kernel.munlock(0, 1);
    kernel.remove(1, 2);

    assertThat(kernel.wiredPages()).isZero();
  }

  @Test
  void aForkGetsAllOnesOfALockedDeviceThatIsNotRam() {
    VmObject device = kernel.vm.paging().pagers().device(new PhysicalAddress(0xD000_0000L), 1);
    kernel.insert(MapKernel.mapping(device, 0, 0), 0, 1);
    assertThat(kernel.mlock(0, 1)).isEqualTo(KernReturn.SUCCESS);

    assertThat(load(fork())).isEqualTo(-1);

    assertThat(kernel.munlock(0, 1)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void aReadOfLockedMemoryDoesNotMakeTheCopyThatWasPutOff() {
    kernel.anonymous(0, 1);
    store(kernel.map, 5);
    kernel.protect(0, 1, VmProt.READ);
    fork();
    long before = kernel.wiredPages();
    kernel.mlock(0, 1);
    VmPage locked = kernel.pageAt(0);
    kernel.protect(0, 1, VmProt.NONE);
    kernel.protect(0, 1, RW);

    assertThat(load(kernel.map)).isEqualTo(5);

    assertThat(kernel.pageAt(0)).isSameAs(locked);
    kernel.munlock(0, 1);
    assertThat(kernel.wiredPages()).isEqualTo(before);
  }
}
