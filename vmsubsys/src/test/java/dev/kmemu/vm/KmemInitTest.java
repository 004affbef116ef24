package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.MIB;
import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.vm.kern.KernelPanic;
import dev.kmemu.vm.kmem.KernelSubmaps;
import dev.kmemu.vm.kmem.KmemInit;
import dev.kmemu.vm.map.VmMap;
import dev.kmemu.vm.map.VmMapEntry;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code kmem_init} over every shape of free KVA, and {@code cpu_startup}'s submaps. */
class KmemInitTest {

  private static final long FIRST = KvaLayout.KVA_START;
  private static final long BASE = KvaLayout.KERNBASE;
  private static final long END = KvaLayout.KVA_END;

  private final TestKernel kernel = TestKernel.small();

  private VmMap init(long virtual2Start, long virtual2End, long start, long end) {
    return KmemInit.kmemInit(
        kernel.vm.maps(),
        kernel.vm.pmap(),
        new KmemInit.FreeKva(virtual2Start, virtual2End, start, end));
  }

  /** Returns the bounds of what is in use; entries that touch count as one. */
  private List<Long> inUse(VmMap map) {
    List<Long> bounds = new java.util.ArrayList<>();
    for (VmMapEntry entry : kernel.entries(map)) {
      if (!bounds.isEmpty() && bounds.get(bounds.size() - 1) == entry.start()) {
        bounds.remove(bounds.size() - 1);
      } else {
        bounds.add(entry.start());
      }
      bounds.add(entry.end());
    }
    return bounds;
  }

  @Test
  void onPc64OnlyTheKernelImageIsInUse() {
    VmMap map = init(FIRST, BASE, BASE + 8 * MIB, END);

    assertThat(map.nentries()).isEqualTo(1);
    assertThat(inUse(map)).containsExactly(BASE, BASE + 8 * MIB);
    assertThat(map.size()).isEqualTo(8 * MIB);
    assertThat(map.isSystemMap()).isTrue();
  }

  @Test
  void withoutTheLowerWindowAllBelowTheUpperOneIsInUse() {
    VmMap map = init(0, 0, BASE + 8 * MIB, END);

    assertThat(inUse(map)).containsExactly(FIRST, BASE + 8 * MIB);
  }

  @Test
  void bootDataAtTheStartOfKvaIsInUse() {
    VmMap map = init(FIRST + 4 * MIB, BASE, BASE + 8 * MIB, END);

    assertThat(inUse(map)).containsExactly(FIRST, FIRST + 4 * MIB, BASE, BASE + 8 * MIB);
  }

  @Test
  void whatLiesAboveTheUpperWindowIsInUse() {
    VmMap map = init(FIRST, BASE, BASE + 8 * MIB, END - 2 * PAGE);

    assertThat(inUse(map)).containsExactly(BASE, BASE + 8 * MIB, END - 2 * PAGE, END);
  }

  @Test
  void windowsThatTouchLeaveNothingInUseBetweenThem() {
    VmMap map = init(FIRST, BASE, BASE, END);

    assertThat(map.nentries()).isZero();
  }

  @Test
  void allFreeFromTheStartLeavesAnEmptyMap() {
    assertThat(init(0, 0, FIRST, END).nentries()).isZero();
  }

  @Test
  void anEmptyUpperWindowFusesWhatIsOnItsSides() {
    VmMap map = init(FIRST, BASE, BASE + 8 * MIB, BASE + 8 * MIB);

    assertThat(inUse(map)).containsExactly(BASE, END);
    assertThat(map.nentries()).isEqualTo(1);
  }

  @Test
  void cpuStartupNestsTheCachesMapsInTheCleanMap() {
    KernelSubmaps submaps = kernel.vm.startCpu(64 * PAGE, 32 * PAGE);

    assertThat(submaps.clean().max().minus(submaps.clean().min())).isEqualTo(160 * PAGE);
    assertThat(submaps.buffer().min()).isEqualTo(submaps.clean().min());
    assertThat(submaps.pager().min()).isEqualTo(submaps.buffer().max());
    assertThat(submaps.clean().map().isSystemMap()).isFalse();
    assertThat(submaps.buffer().map().isSystemMap()).isTrue();
    assertThat(submaps.pager().map().isSystemMap()).isTrue();
    assertThat(submaps.clean().map().nentries()).isEqualTo(2);
    kernel.check();
  }

  @Test
  void cpuStartupWithoutRoomPanics() {
    assertThatThrownBy(() -> kernel.vm.startCpu(1L << 40, PAGE))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("kmem_suballoc");
  }
}
