package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kmem.Kmem;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.pmap.KvaLayout;
import dev.kmemu.vm.report.MapEntryReport;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Arguments that no kernel code should ever pass. */
class KmemBadInputTest {

  private final TestKernel kernel = TestKernel.small();
  private final Kmem kmem = kernel.vm.kmem();
  private final List<MapEntryReport> entries = kernel.vm.reports().entries(kernel.map());

  @AfterEach
  void nothingHasChanged() {
    assertThat(kernel.vm.reports().entries(kernel.map())).isEqualTo(entries);
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(1);
    kernel.check();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, -4095})
  void aSizeThatRoundsToZeroIsInvalidForAll(long size) {
    KmemResult invalid = new KmemResult.InvalidSize(size);
    assertThat(kmem.alloc(kernel.map(), size)).isEqualTo(invalid);
    assertThat(kmem.allocPageable(kernel.map(), size)).isEqualTo(invalid);
    assertThat(kmem.allocNofault(kernel.map(), size, PAGE)).isEqualTo(invalid);
    assertThat(kmem.allocWait(kernel.map(), size)).isEqualTo(invalid);
  }

  @Timeout(10)
  @ParameterizedTest
  @ValueSource(longs = {-4096, Long.MIN_VALUE, Long.MAX_VALUE, KvaLayout.KVA_SIZE + 1})
  void aSizeBeyondTheMapFindsNoSpaceAtOnce(long size) {
    assertThat(kmem.alloc(kernel.map(), size)).isInstanceOf(KmemResult.NoSpace.class);
    assertThat(kmem.allocPageable(kernel.map(), size)).isInstanceOf(KmemResult.NoSpace.class);
    assertThat(kmem.allocNofault(kernel.map(), size, PAGE)).isInstanceOf(KmemResult.NoSpace.class);
    assertThat(kmem.allocWait(kernel.map(), size)).isInstanceOf(KmemResult.LargerThanMap.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 3, 4095, 6000, PAGE + 1, -1})
  void anAlignmentThatWouldTearPagesIsRefused(long alignment) {
    assertThat(kmem.allocNofault(kernel.map(), PAGE, alignment))
        .isEqualTo(new KmemResult.InvalidAlignment(alignment));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -4096, 1L << 62})
  void anAlignmentThatNoAddressHasFindsNoSpace(long alignment) {
    assertThat(kmem.allocNofault(kernel.map(), PAGE, alignment))
        .isEqualTo(new KmemResult.NoSpace("kernel_map", PAGE));
  }

  @Test
  void theMapOfAnotherKernelIsRefused() {
    VmMap foreign = TestKernel.small().map();
    KmemResult refused = new KmemResult.ForeignMap("kernel_map");

    assertThat(kmem.alloc(foreign, PAGE)).isEqualTo(refused);
    assertThat(kmem.allocPageable(foreign, PAGE)).isEqualTo(refused);
    assertThat(kmem.allocNofault(foreign, PAGE, PAGE)).isEqualTo(refused);
    assertThat(kmem.allocWait(foreign, PAGE)).isEqualTo(refused);
    assertThat(foreign.nentries()).isEqualTo(1);
  }

  @Test
  void freeingInTheMapOfAnotherKernelIsAPanicThatNamesTheRoutine() {
    VmMap foreign = TestKernel.small().map();
    VirtualAddress va = new VirtualAddress(KvaLayout.KVA_START);

    assertThatThrownBy(() -> kmem.free(foreign, va, PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessage("kmem_free: not a map of this kernel (kernel_map)");
    assertThatThrownBy(() -> kmem.freeWakeup(foreign, va, PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_free_wakeup: not a map");
    assertThatThrownBy(() -> kmem.suballoc(foreign, "clean_map", PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc: not a map");
  }
}
