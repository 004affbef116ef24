package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kern.LwktThread;
import dev.kmemu.vm.kmem.KmemResult;
import dev.kmemu.vm.kmem.KmemSubmap;
import dev.kmemu.vm.map.MapType;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SubmapTest {

  private final TestKernel kernel = TestKernel.small();

  @Test
  void aSubmapIsOneEntryOfItsParentAndEmpty() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 8 * PAGE - 1);

    VmMapEntry entry = kernel.map().first();
    assertThat(entry.maptype()).isEqualTo(MapType.SUBMAP);
    assertThat(entry.submap()).isSameAs(submap.map());
    assertThat(submap.max().minus(submap.min())).isEqualTo(8 * PAGE);
    assertThat(submap.map().nentries()).isZero();
    assertThat(submap.map().isSystemMap()).isFalse();
    assertThat(kernel.vm.pmap().referenceCount()).isEqualTo(2);
    kernel.check();
  }

  @Test
  void neighbouringSubmapsNeverMerge() {
    kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGE);
    kernel.vm.kmem().suballoc(kernel.map(), "exec_map", PAGE);

    assertThat(kernel.map().nentries()).isEqualTo(3);
  }

  @Test
  void submapsNest() {
    KmemSubmap clean = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 8 * PAGE);
    KmemSubmap buffer = kernel.vm.kmem().suballoc(clean.map(), "buffer_map", 4 * PAGE);

    assertThat(buffer.min()).isEqualTo(clean.min());
    kernel.check();
  }

  @Test
  void wiredMemoryOfASubmapUsesAbsoluteOffsets() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 8 * PAGE);

    long va = kernel.vm.kmem().alloc(submap.map(), 2 * PAGE).orThrow().value();

    assertThat(submap.map().first().offset()).isEqualTo(va);
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(2);
    kernel.check();
  }

  @Test
  void withoutRoomSuballocPanics() {
    KmemSubmap submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", PAGE);

    assertThatThrownBy(() -> kernel.vm.kmem().suballoc(submap.map(), "buffer_map", 2 * PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc (bad status return of 3");
    assertThatThrownBy(() -> kernel.vm.kmem().suballoc(kernel.map(), "empty", 0))
        .hasMessageStartingWith("kmem_suballoc (bad status return of 1");
  }

  @Test
  void noTokenIsHeldWhenSuballocPanics() {
    assertThatThrownBy(() -> kernel.vm.kmem().suballoc(kernel.map(), "empty", 0))
        .isInstanceOfSatisfying(
            KernelPanic.class,
            panic -> {
              assertThat(panic.map()).contains("kernel_map");
              assertThat(panic.thread()).isEqualTo(Thread.currentThread().getName());
              assertThat(panic.tokensHeld()).isEmpty();
            });
    assertThat(LwktThread.current().tokensHeld()).isEmpty();
    kernel.check();
  }

  @Test
  @Timeout(10)
  void whatCanNeverFitIsRefusedAtOnceEvenInAFullMap() {
    VmMap map = kernel.vm.kmem().suballoc(kernel.map(), "pager_map", 4 * PAGE).map();
    assertThat(kernel.vm.kmem().allocWait(map, 4 * PAGE))
        .isEqualTo(new KmemResult.Allocated(new VirtualAddress(kva(0))));

    assertThat(kernel.vm.kmem().allocWait(map, 4 * PAGE + 1))
        .isEqualTo(new KmemResult.LargerThanMap("pager_map", 5 * PAGE, 4 * PAGE));
    assertThat(kernel.vm.kmem().allocWait(map, 0)).isEqualTo(new KmemResult.InvalidSize(0));
    kernel.check();
  }

  @Test
  void freeWakeupRoundsLikeFree() {
    VmMap map = kernel.vm.kmem().suballoc(kernel.map(), "pager_map", 4 * PAGE).map();
    map.setSystemMap();
    long va = kernel.vm.kmem().allocWait(map, 4 * PAGE).orThrow().value();

    kernel.vm.kmem().freeWakeup(map, new VirtualAddress(va + PAGE + 1), PAGE);

    assertThat(map.size()).isEqualTo(2 * PAGE);
    kernel.check();
  }
}
