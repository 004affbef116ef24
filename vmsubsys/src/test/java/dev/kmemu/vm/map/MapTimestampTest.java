package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.VmProt;
import org.junit.jupiter.api.Test;

/** M10: every operation that locks the map exclusively changes its version. */
class MapTimestampTest {

  private final MapKernel kernel = new MapKernel();

  private void assertGrowsBy(int least, Runnable operation) {
    int before = kernel.map.timestamp();
    operation.run();
    assertThat(kernel.map.timestamp() - before).isGreaterThanOrEqualTo(least);
  }

  @Test
  void everyRoutineThatChangesTheMapChangesItsVersion() {
    VmMaps maps = kernel.vm.maps();
    assertGrowsBy(1, () -> kernel.anonymous(0, 8));
    assertGrowsBy(
        1, () -> maps.find(kernel.map, MapKernel.mapping(null, 0, 0), at(8), PAGE, PAGE, true));
    assertGrowsBy(1, () -> kernel.protect(0, 2, VmProt.READ));
    assertGrowsBy(1, () -> maps.protection().inherit(kernel.map, at(0), at(1), 2));
    assertGrowsBy(1, () -> kernel.remove(7, 8));
    assertGrowsBy(1, () -> kernel.spaces.fork(kernel.space));
    assertGrowsBy(1, () -> maps.stacks().stack(kernel.map, at(20), PAGE, true, 7, 7, 0));
  }

  @Test
  void wiringChangesItForTheFaultsThatItLetInMeanwhile() {
    kernel.anonymous(0, 8);

    assertGrowsBy(3, () -> kernel.wire(0, 2));
    assertGrowsBy(3, () -> kernel.mlock(4, 5));
    assertGrowsBy(2, () -> kernel.unwire(0, 2));
  }

  @Test
  void readingDoesNot() {
    kernel.anonymous(0, 8);
    kernel.fault(0, VmProt.READ);
    int before = kernel.map.timestamp();

    kernel.fault(0, VmProt.READ);
    kernel.map.lockRead();
    kernel.map.unlock();

    assertThat(kernel.map.timestamp()).isEqualTo(before);
  }

  @Test
  void anUpgradeDoes() {
    kernel.map.lockRead();

    assertGrowsBy(1, () -> assertThat(kernel.map.upgrade()).isTrue());

    kernel.map.unlock();
  }
}
