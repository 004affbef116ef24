package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.PAGES;
import static dev.kmemu.vm.map.MapKernel.at;
import static dev.kmemu.vm.map.MapKernel.mapping;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.pmap.KvaLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_find} with and without {@code fitit}. */
class MapFindTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private VmMaps.Found find(int page, long length, boolean fitit) {
    return find(page, length, PAGE, fitit);
  }

  private VmMaps.Found find(int page, long length, long align, boolean fitit) {
    return kernel.vm.maps().find(kernel.map, mapping(null, 0, 0), at(page), length, align, fitit);
  }

  @Test
  void aSearchBeginsAtTheAddressAndStepsOverWhatIsTaken() {
    kernel.anonymous(4, 6);

    assertThat(find(4, PAGE, true)).isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, at(6)));
    assertThat(find(1, 3 * PAGE, true)).isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, at(1)));
  }

  @Test
  void anAddressBelowTheMapMeansItsStart() {
    assertThat(
            kernel.vm.maps().find(kernel.map, mapping(null, 0, 0), 0, PAGE, PAGE, true).address())
        .isEqualTo(at(0));
  }

  @Test
  void aFailedSearchLeavesTheAddress() {
    assertThat(find(3, (PAGES - 2) * PAGE, true))
        .isEqualTo(new VmMaps.Found(KernReturn.NO_SPACE, at(3)));
    assertThat(
            kernel
                .vm
                .maps()
                .find(kernel.map, mapping(null, 0, 0), at(PAGES) + 1, PAGE, PAGE, true)
                .code())
        .isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.map.nentries()).isZero();
  }

  @Test
  void aSearchForNothingFailsWithTheAddressThatWasFound() {
    kernel.anonymous(0, 2);

    assertThat(find(0, 0, true)).isEqualTo(new VmMaps.Found(KernReturn.INVALID_ADDRESS, at(2)));
    assertThat(kernel.layout()).isEqualTo("0-2");
  }

  @Test
  void aSearchForNothingMayEndBetweenTwoEntriesThatTouch() {
    kernel.anonymous(0, 2);
    kernel.backed(2, 4, 0);

    assertThat(find(1, 0, true).address()).isEqualTo(at(2));
  }

  @Test
  void withoutASearchTheAddressIsTakenVerbatim() {
    kernel.anonymous(4, 6);

    assertThat(find(2, PAGE, false)).isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, at(2)));
    assertThat(find(4, PAGE, false).code()).isEqualTo(KernReturn.NO_SPACE);
    assertThat(find(PAGES, PAGE, false).code()).isEqualTo(KernReturn.INVALID_ADDRESS);
    assertThat(find(3, -PAGE, false).code()).isEqualTo(KernReturn.INVALID_ADDRESS);
  }

  @Test
  void withoutASearchTheAlignmentDoesNotMatter() {
    assertThat(find(1, PAGE, 16 * PAGE, false).address()).isEqualTo(at(1));
    assertThat(find(2, PAGE, 16 * PAGE, true).address() % (16 * PAGE)).isZero();
  }

  @Test
  void onlyASearchOfTheKernelMapGrowsPageTables() {
    VmMap map = kernel.vm.kernelMap();
    long far = KvaLayout.KVA_START + (32L << 30);
    long mark = kernel.vm.growth().kernelVmEnd();

    kernel.vm.maps().find(map, mapping(null, 0, 0), far, PAGE, PAGE, false);
    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(mark);
    kernel.vm.maps().find(map, mapping(null, 0, 0), mark, PAGE, PAGE, true);

    assertThat(kernel.vm.growth().kernelVmEnd()).isEqualTo(mark + KvaLayout.NBPDR);
  }
}
