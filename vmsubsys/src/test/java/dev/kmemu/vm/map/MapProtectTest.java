package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.PAGES;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import dev.kmemu.vm.pmap.PteBits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_protect}, {@code vm_map_inherit} and {@code vm_map_submap}. */
class MapProtectTest {

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private KernReturn setMaximum(int from, int to, int prot) {
    return kernel.vm.maps().protection().protect(kernel.map, at(from), at(to), prot, true);
  }

  private KernReturn inherit(int from, int to, int value) {
    return kernel.vm.maps().protection().inherit(kernel.map, at(from), at(to), value);
  }

  private KernReturn submap(int from, int to) {
    VmMap sub = kernel.vm.maps().create("sub", kernel.map.pmap(), at(from), at(to));
    return kernel.vm.maps().protection().submap(kernel.map, at(from), at(to), sub);
  }

  @Test
  void protectionChangesWhatIsMappedAndIgnoresHoles() {
    kernel.anonymous(0, 4);
    kernel.anonymous(6, 8);

    assertThat(kernel.protect(2, 7, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4 6-7 7-8");
    assertThat(kernel.entry(3).protection()).isEqualTo(VmProt.READ);
    assertThat(kernel.entry(6).protection()).isEqualTo(VmProt.READ);
    assertThat(kernel.entry(7).protection()).isEqualTo(VmProt.ALL);
  }

  @Test
  void nothingMappedIsASuccess() {
    assertThat(kernel.protect(0, PAGES, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);
  }

  @Test
  void theRangeIsCutToTheMap() {
    kernel.anonymous(0, 2);

    assertThat(
            kernel
                .vm
                .maps()
                .protection()
                .protect(kernel.map, at(0) - 8 * PAGE, at(PAGES) + 8 * PAGE, VmProt.READ, false))
        .isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.entry(0).protection()).isEqualTo(VmProt.READ);
  }

  @Test
  void aReversedRangeChangesNothingButMayCut() {
    kernel.anonymous(0, 8);

    assertThat(kernel.protect(6, 3, VmProt.READ)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("0-3 3-8");
    assertThat(kernel.entry(3).protection()).isEqualTo(VmProt.ALL);
  }

  @Test
  void aFailureBehindTheStartLeavesProtectionsAndOnlyTheFirstCut() {
    kernel.anonymous(0, 4);
    kernel.backed(4, 8, 0);
    setMaximum(4, 8, VmProt.READ);

    assertThat(kernel.protect(2, 6, VmProt.READ | VmProt.WRITE))
        .isEqualTo(KernReturn.PROTECTION_FAILURE);

    assertThat(kernel.layout()).isEqualTo("0-2 2-4 4-8");
    assertThat(kernel.entry(2).protection()).isEqualTo(VmProt.ALL);
  }

  @Test
  void aSubmapInTheRangeIsAnInvalidArgument() {
    kernel.insert(
        new MapInsertion.Mapping(null, 0, MapType.UNSPECIFIED, VmProt.ALL, VmProt.ALL, 0), 4, 8);
    submap(4, 8);

    assertThat(kernel.protect(0, 8, VmProt.READ)).isEqualTo(KernReturn.INVALID_ARGUMENT);
  }

  @Test
  void aNewMaximumCutsTheProtectionToIt() {
    kernel.anonymous(0, 4);
    kernel.protect(0, 4, VmProt.READ | VmProt.WRITE);

    assertThat(setMaximum(0, 4, VmProt.READ | VmProt.EXECUTE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.entry(0).protection()).isEqualTo(VmProt.READ);
    assertThat(kernel.entry(0).maxProtection()).isEqualTo(VmProt.READ | VmProt.EXECUTE);
  }

  @Test
  void withoutReadThePagesAreUnmappedAndWithoutWriteTheyAreReadOnly() {
    kernel.anonymous(0, 2);
    kernel.fault(0, VmProt.WRITE);
    kernel.fault(1, VmProt.WRITE);

    kernel.protect(0, 1, VmProt.NONE);
    kernel.protect(1, 2, VmProt.READ);

    assertThat(kernel.pte(0)).isZero();
    assertThat(kernel.pte(1) & (PteBits.V | PteBits.RW)).isEqualTo(PteBits.V);
  }

  @Test
  void copyOnWritePagesLoseWriteAccessWhateverIsGranted() {
    kernel.backed(0, 1, EntryFlags.MAP_COPY_ON_WRITE);
    kernel.fault(0, VmProt.WRITE);
    assertThat(kernel.pte(0) & PteBits.RW).isNotZero();

    kernel.protect(0, 1, VmProt.READ | VmProt.WRITE);

    assertThat(kernel.entry(0).protection()).isEqualTo(VmProt.READ | VmProt.WRITE);
    assertThat(kernel.pte(0) & PteBits.RW).isZero();
  }

  @Test
  void ordinaryPagesKeepWriteAccessThatIsGranted() {
    kernel.backed(0, 1, 0);
    kernel.fault(0, VmProt.WRITE);

    kernel.protect(0, 1, VmProt.READ | VmProt.WRITE);

    assertThat(kernel.pte(0) & PteBits.RW).isNotZero();
  }

  @Test
  void inheritanceHasThreeValues() {
    kernel.anonymous(0, 4);

    assertThat(inherit(1, 2, 0)).isEqualTo(KernReturn.SUCCESS);
    assertThat(inherit(2, 3, 2)).isEqualTo(KernReturn.SUCCESS);
    assertThat(inherit(0, 4, 3)).isEqualTo(KernReturn.INVALID_ARGUMENT);
    assertThat(inherit(0, 4, -1)).isEqualTo(KernReturn.INVALID_ARGUMENT);

    assertThat(kernel.entry(0).inheritance()).isEqualTo(Inheritance.COPY);
    assertThat(kernel.entry(1).inheritance()).isEqualTo(Inheritance.SHARE);
    assertThat(kernel.entry(2).inheritance()).isEqualTo(Inheritance.NONE);
    assertThat(inherit(0, 4, 1)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("0-4");
  }

  @Test
  void aSubmapNeedsOneEntryOfExactlyItsRangeWithoutAnObject() {
    kernel.anonymous(0, 2);
    kernel.backed(4, 6, 0);
    kernel.insert(MapKernel.mapping(null, 0, EntryFlags.MAP_COPY_ON_WRITE), 8, 10);

    assertThat(submap(0, 3)).isEqualTo(KernReturn.INVALID_ARGUMENT);
    assertThat(submap(4, 6)).isEqualTo(KernReturn.INVALID_ARGUMENT);
    assertThat(submap(8, 10)).isEqualTo(KernReturn.INVALID_ARGUMENT);
    assertThat(submap(12, 14)).isEqualTo(KernReturn.INVALID_ARGUMENT);
    assertThat(submap(0, 2)).isEqualTo(KernReturn.SUCCESS);
    assertThat(submap(0, 2)).as("a submap stays one").isEqualTo(KernReturn.INVALID_ARGUMENT);

    assertThat(kernel.entry(0).maptype()).isEqualTo(MapType.SUBMAP);
  }

  /** Upstream clips it at the end of the range, which is before its start. */
  @Test
  void anEntryBehindTheRangeIsNotClippedForASubmap() {
    kernel.anonymous(4, 6);

    assertThat(submap(0, 2)).isEqualTo(KernReturn.INVALID_ARGUMENT);

    assertThat(kernel.layout()).isEqualTo("4-6");
  }
}
