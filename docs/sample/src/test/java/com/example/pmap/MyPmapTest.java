package com.example.pmap;

import static dev.kmemu.testkit.assertions.FaultPattern.notPresent;
import static dev.kmemu.testkit.assertions.FaultPattern.protection;
import static dev.kmemu.testkit.assertions.KmemuAssertions.assertThat;
import static dev.kmemu.testkit.assertions.KmemuAssertions.pmap;
import static dev.kmemu.testkit.assertions.KmemuAssertions.vm;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.testkit.guest.GuestCpu;
import dev.kmemu.testkit.guest.UserMemory;
import dev.kmemu.testkit.junit.KmemuTest;
import dev.kmemu.testkit.junit.WithPmap;
import dev.kmemu.vm.KernelVm;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.VmSpace;
import org.junit.jupiter.api.Test;

@KmemuTest
@WithPmap(MyPmap.class)
class MyPmapTest {

  private static final VirtualAddress DATA = new VirtualAddress(0x40_0000);

  @Test
  void wiredMemoryIsZeroedAndWritable(KernelVm kernel, GuestCpu guest) {
    VirtualAddress kva = kernel.kmem().alloc(kernel.kernelMap(), 4096).orThrow();

    assertThat(guest).load(kva).isZero();
    assertThat(guest).store(kva).completesWithoutFault();
    pmap(kernel).maps(kva).writable().accessed().dirty();
    vm(kernel).wiredAt(kva);
  }

  @Test
  void freedMemoryIsGoneAtOnce(KernelVm kernel, GuestCpu guest) {
    VirtualAddress kva = kernel.kmem().alloc(kernel.kernelMap(), 4096).orThrow();
    assertThat(guest).load(kva).completes();

    kernel.kmem().free(kernel.kernelMap(), kva, 4096);

    assertThat(guest).store(kva).faults(notPresent().write().supervisor());
  }

  @Test
  void aPageThatBecomesReadOnlyIsSoAtOnce(KernelVm kernel, GuestCpu guest) {
    VmSpace space = kernel.spaces().alloc();
    UserMemory.mapAnonymous(kernel, space, DATA, 4096, VmProt.READ | VmProt.WRITE);
    GuestCpu user = guest.user(space);
    assertThat(user).store(DATA).completesAfter(notPresent().write().user());

    kernel.maps().protection().protect(
        space.map(), DATA.value(), DATA.value() + 4096, VmProt.READ, false);

    assertThat(user).store(DATA).faults(protection().write().user());
  }
}
