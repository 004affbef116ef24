package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.SysctlReply;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.pmap.KvaLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@code kmem_init} leaves on pc64, and what the sysctls make of it. */
class BootMapTest {

  private final TestKernel kernel = TestKernel.small();
  private final long virtualStart = kernel.vm.boot().virtualStart();

  @AfterEach
  void check() {
    kernel.check();
  }

  @Test
  void theKernelMapIsASystemMapOfAllKva() {
    assertThat(kernel.map().min()).isEqualTo(KvaLayout.KVA_START);
    assertThat(kernel.map().max()).isEqualTo(KvaLayout.KVA_END);
    assertThat(kernel.map().isSystemMap()).isTrue();
    assertThat(kernel.map().pmap()).isSameAs(kernel.vm.pmap());
  }

  @Test
  void itsOnlyEntryIsTheKernelImageAndWhatBootTookBehindIt() {
    VmMapEntry only = kernel.map().first();

    assertThat(kernel.map().nentries()).isEqualTo(1);
    assertThat(only.start()).isEqualTo(KvaLayout.KERNBASE);
    assertThat(only.end()).isEqualTo(virtualStart);
    assertThat(only.maptype()).isEqualTo(MapType.NORMAL);
    assertThat(only.object()).isNull();
    assertThat(only.wiredCount()).isZero();
    assertThat(kernel.map().size()).isEqualTo(virtualStart - KvaLayout.KERNBASE);
  }

  @Test
  void kvaIsFreeBelowTheImageAndBehindIt() {
    kernel.map().lock();
    try {
      assertThat(find(KvaLayout.KVA_START)).isEqualTo(KvaLayout.KVA_START);
      assertThat(find(KvaLayout.KERNBASE)).isEqualTo(virtualStart);
      assertThat(find(KvaLayout.KVA_END - PAGE)).isEqualTo(KvaLayout.KVA_END - PAGE);
    } finally {
      kernel.map().unlock();
    }
  }

  /** Length 0 asks for no page tables. */
  private long find(long start) {
    return kernel.vm.maps().space().find(kernel.map(), start, 0, PAGE, 0);
  }

  @Test
  void kvmSizeIsConstant() {
    assertThat(value("vm.kvm_size")).isEqualTo(0x1F_FFFF_F000L);

    kernel.alloc(4 * PAGE);

    assertThat(value("vm.kvm_size")).isEqualTo(0x1F_FFFF_F000L);
  }

  @Test
  void kvmFreeCountsTheAreaOfTheImageAsFree() {
    assertThat(value("vm.kvm_free")).isEqualTo(KvaLayout.KVA_END - KvaLayout.KVA_START);
  }

  @Test
  void kvmFreeIgnoresHoles() {
    long va = kernel.alloc(4 * PAGE);
    long before = value("vm.kvm_free");

    kernel.free(va + PAGE, PAGE);
    assertThat(value("vm.kvm_free")).isEqualTo(before);
    kernel.alloc(PAGE);

    assertThat(value("vm.kvm_free")).isEqualTo(before);
  }

  @Test
  void kvmFreeDoesNotMoveWithGrowthAboveKernbase() {
    kernel.alloc(PAGE);
    long before = value("vm.kvm_free");

    kernel.vm.growth().grow(KvaLayout.KVA_END - PAGE, KvaLayout.KVA_END);

    assertThat(value("vm.kvm_free")).isEqualTo(before);
  }

  private long value(String name) {
    return ((SysctlReply.Value) kernel.vm.sysctl().read(name)).value();
  }
}
