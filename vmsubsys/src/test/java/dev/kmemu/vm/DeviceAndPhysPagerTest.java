package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.fault.FaultFlags;
import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmCounter;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.EntryReservation;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.MapWiring;
import dev.kmemu.vm.object.VmObject;
import dev.kmemu.vm.page.PageQueueIndex;
import dev.kmemu.vm.page.VmPage;
import dev.kmemu.vm.pager.Pagers;
import dev.kmemu.vm.pmap.PteBits;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Memory that isn't the VM's, and memory that is never paged out. */
class DeviceAndPhysPagerTest {

  private static final PhysicalAddress VGA = new PhysicalAddress(0xA0000);
  private static final PhysicalAddress BEYOND_RAM = new PhysicalAddress(0xFEC0_0000L);

  private final TestKernel kernel = TestKernel.small();
  private final Pagers pagers = kernel.vm.paging().pagers();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private long map(VmObject object, int pages) {
    try (EntryReservation reservation = kernel.vm.maps().reserve().reserve()) {
      kernel.map().lock();
      try {
        long va =
            kernel.vm.maps().space().find(kernel.map(), kernel.map().min(), pages * PAGE, PAGE, 0);
        MapInsertion.Mapping mapping =
            new MapInsertion.Mapping(object, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
        assertThat(
                kernel
                    .vm
                    .maps()
                    .insertion()
                    .insert(kernel.map(), reservation, mapping, va, va + pages * PAGE))
            .isEqualTo(KernReturn.SUCCESS);
        return va;
      } finally {
        kernel.map().unlock();
      }
    }
  }

  private KernReturn fault(long va) {
    return kernel.vm.faults().fault(kernel.map(), va, VmProt.WRITE, FaultFlags.NORMAL);
  }

  @Test
  void aDevicesMemoryIsMappedWhereItIs() {
    kernel.vm.ram().store64(VGA.plus(PAGE), 0x0741_0741L);
    long va = map(pagers.device(VGA, 32), 32);

    assertThat(fault(va + PAGE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.vm.pmap().extract(va + PAGE)).isEqualTo(VGA.value() + PAGE);
    assertThat(kernel.read(va + PAGE)).isEqualTo(0x0741_0741L);
    assertThat(kernel.vm.pmap().tables().pte(va + PAGE) & PteBits.MANAGED).isZero();
    assertThat(kernel.residentCount()).isEqualTo(1);
    kernel.check();
    kernel.free(va, 32 * PAGE);
    assertThat(kernel.vm.ram().load64(VGA.plus(PAGE))).isEqualTo(0x0741_0741L);
    assertThat(kernel.residentCount()).isZero();
  }

  @Test
  void wiringADevicesMemoryCountsNothing() {
    long va = map(pagers.device(BEYOND_RAM, 2), 2);

    assertThat(kernel.vm.maps().wiring().wire(kernel.map(), va, va + 2 * PAGE, 0))
        .isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.counter(VmCounter.WIRE_COUNT)).isZero();
    assertThat(kernel.vm.pmap().extract(va)).isEqualTo(BEYOND_RAM.value());
    kernel.vm.maps().wiring().wire(kernel.map(), va, va + 2 * PAGE, MapWiring.KM_PAGEABLE);
    assertThat(kernel.wiredCount()).isZero();
    kernel.free(va, 2 * PAGE);
  }

  @Test
  void aFaultBeyondADeviceFails() {
    long va = map(pagers.device(VGA, 1), 2);

    assertThat(fault(va + PAGE)).isEqualTo(KernReturn.PROTECTION_FAILURE);
    kernel.free(va, 2 * PAGE);
  }

  @Test
  void pagesOfTheVmAreNoDevice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> pagers.device(new PhysicalAddress(7 * MIB), 3))
        .withMessageContaining("the VM owns page 0 of them");
    assertThatIllegalArgumentException().isThrownBy(() -> pagers.device(VGA.plus(1), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> pagers.device(VGA, 0));
  }

  @Test
  void physMemoryBeginsAsZeroesAndStays() {
    VmObject object = pagers.phys(4);
    long va = map(object, 4);
    assertThat(fault(va)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.read(va)).isZero();
    kernel.check();
    kernel.write(va, 3);
    VmPage page = Objects.requireNonNull(object.residentPage(0));

    for (int i = 0; i < 10; i++) {
      kernel.scanFor(100);
    }

    assertThat(page.queue()).isEqualTo(PageQueueIndex.NONE);
    assertThat(page.owner()).isSameAs(object);
    assertThat(kernel.read(va)).isEqualTo(3);
    long free = kernel.counter(VmCounter.FREE_COUNT);
    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(va), 4 * PAGE);
    assertThat(kernel.counter(VmCounter.FREE_COUNT)).isEqualTo(free + 1);
  }
}
