package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kmem.KmemResult;
import org.junit.jupiter.api.Test;

/** {@code KM_KRESERVE}: an allocation that makes no map entries. */
class KernelReserveTest {

  private static final long PAGE = 4096;

  private final KernelVm vm =
      new KernelVm(
          new PhysicalMemory(new DirectMapping(16L << 20)),
          TlbControl.none(),
          KernelVmConfig.of(new PhysicalAddress(2L << 20)));

  private KmemResult alloc(int kmflags) {
    return vm.kmem().alloc3(vm.kernelMap(), PAGE, kmflags);
  }

  @Test
  void theEntryComesOutOfWhatWasSetAside() {
    int before = vm.maps().reserve().available(0);

    assertThat(alloc(MapWiring.KM_KRESERVE)).isInstanceOf(KmemResult.Allocated.class);

    assertThat(before).as("after kmem_init").isEqualTo(3);
    assertThat(vm.maps().reserve().available(0)).isEqualTo(2);
    assertThat(vm.check()).isEmpty();
  }

  @Test
  void whatIsAvailableMayBecomeNegative() {
    try (EntryReservation held = vm.maps().reserve().kreserve()) {
      assertThat(held).isNotNull();
      assertThat(alloc(MapWiring.KM_KRESERVE)).isInstanceOf(KmemResult.Allocated.class);

      assertThat(vm.maps().reserve().available(0)).isEqualTo(-2);
      assertThat(vm.maps().reserve().balance(0)).isEqualTo(EntryReserve.INVARIANT);
    }
    assertThat(vm.check()).isEmpty();
  }

  @Test
  void anOrdinaryReservationPaysBackWhatWasBorrowed() {
    alloc(MapWiring.KM_KRESERVE);

    try (EntryReservation held = vm.maps().reserve().reserve(0)) {
      assertThat(held).isNotNull();
      assertThat(vm.maps().reserve().available(0)).isGreaterThanOrEqualTo(0);
    }
    assertThat(vm.check()).isEmpty();
  }
}
