package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.map.MapInsertion;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMaps;
import dev.kmemu.vm.pmap.KvaLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A module goes above the kernel's image, where its code can reach. Page tables for the 126 GiB
 * below would take more memory than the machine has.
 */
class KldloadTest {

  private final TestKernel kernel = TestKernel.small();

  @AfterEach
  void check() {
    kernel.check();
  }

  private VmMaps.Found load(long pages) {
    MapInsertion.Mapping module =
        new MapInsertion.Mapping(null, 0, MapType.NORMAL, VmProt.ALL, VmProt.ALL, 0);
    long above = KvaLayout.KERNBASE;
    return kernel.vm.maps().find(kernel.map(), module, above, pages * PAGE, PAGE, true);
  }

  private Object kvmFree() {
    return kernel.vm.sysctl().read("vm.kvm_free");
  }

  @Test
  void nothingBelowTheModuleGetsPageTables() {
    Object before = kvmFree();

    VmMaps.Found module = load(1);

    assertThat(module)
        .isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, kernel.vm.boot().virtualStart()));
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(KvaLayout.KVA_START);
    assertThat(kvmFree()).isEqualTo(before).isEqualTo(new SysctlReply.Value(KvaLayout.KVA_SIZE));
    assertThat(kernel.vm.growth().tableObject().residentPageCount()).isZero();
  }

  @Test
  void tablesBehindThoseOfBootAreMadeForTheModuleAlone() {
    long bootPages = kernel.vm.boot().kernelTables() * 512L;

    VmMaps.Found module = load(bootPages);

    long last = module.address() + bootPages * PAGE - 1;
    long bootEnd = KvaLayout.KERNBASE + bootPages * PAGE;
    assertThat(kernel.vm.growth().tableObject().residentPageCount())
        .isEqualTo((int) ((last - bootEnd) / KvaLayout.NBPDR + 1));
    assertThat(kvmFree()).isEqualTo(new SysctlReply.Value(KvaLayout.KVA_SIZE));
  }

  @Test
  void memoryBelowIsFoundAsBefore() {
    load(1);

    assertThat(kernel.alloc(PAGE)).isEqualTo(KvaLayout.KVA_START);
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(KvaLayout.KVA_START + KvaLayout.NBPDR);
  }
}
