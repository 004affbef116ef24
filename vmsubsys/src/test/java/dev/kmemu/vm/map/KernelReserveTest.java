package dev.kmemu.vm.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.cpu.TlbControl;
import dev.kmemu.emulator.memory.DirectMapping;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.KernelVmConfig;
import dev.kmemu.vm.kern.KernelPanic;
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

  /** Takes entries out until {@code left} are left. */
  private void drain(int left) {
    EntryReserve reserve = vm.maps().reserve();
    assertThatThrownBy(
            () -> {
              while (true) {
                reserve.pop();
              }
            })
        .hasMessageStartingWith("gd_vme_base NULL!");
    for (int i = 0; i < left; i++) {
      reserve.push(new VmMapEntry());
    }
  }

  private KmemResult alloc(int kmflags) {
    return vm.kmem().alloc3(vm.kernelMap(), PAGE, kmflags);
  }

  @Test
  void theTwoSeededEntriesAreEnoughForAnAllocation() {
    drain(2);

    assertThat(alloc(MapWiring.KM_KRESERVE)).isInstanceOf(KmemResult.Allocated.class);
    assertThat(vm.check()).isEmpty();
  }

  @Test
  void withoutAnyItPanicsInsteadOfMakingOne() {
    drain(0);

    assertThatThrownBy(() -> alloc(MapWiring.KM_KRESERVE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("no reserved entries left, gd_vme_avail = ");
  }
}
