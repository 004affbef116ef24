package dev.kmemu.vm.map;

import static dev.kmemu.vm.map.MapKernel.PAGE;
import static dev.kmemu.vm.map.MapKernel.PAGES;
import static dev.kmemu.vm.map.MapKernel.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.vm.kern.KernReturn;
import dev.kmemu.vm.kern.VmProt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code vm_map_stack}, {@code vm_map_growstack} and the room that a search leaves a stack. */
class MapStackTest {

  /** {@code SGROWSIZ} in pages. */
  private static final int STEP = 32;

  private final MapKernel kernel = new MapKernel();

  @AfterEach
  void invariantsHold() {
    kernel.check();
  }

  private VmMaps.Found stack(int bottom, int pages, boolean fixed) {
    return kernel
        .vm
        .maps()
        .stacks()
        .stack(kernel.map, at(bottom), pages * PAGE, fixed, VmProt.ALL, VmProt.ALL, 0);
  }

  private KernReturn grow(int page) {
    return kernel.vm.maps().stacks().grow(kernel.map, at(page) + 8);
  }

  private long find(int pages) {
    return kernel
        .vm
        .maps()
        .find(kernel.map, MapKernel.mapping(null, 0, 0), at(0), pages * PAGE, PAGE, true)
        .address();
  }

  @Test
  void onlyTheTopIsMappedAtFirst() {
    assertThat(stack(0, 4 * STEP, true)).isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, at(0)));

    assertThat(kernel.layout()).isEqualTo("96-128");
    assertThat(kernel.entry(96).eflags()).isEqualTo(EntryFlags.STACK);
    assertThat(kernel.entry(96).availableStack()).isEqualTo(3 * STEP * PAGE);
  }

  @Test
  void aSmallStackIsMappedAtOnce() {
    stack(4, 3, true);

    assertThat(kernel.layout()).isEqualTo("4-7");
    assertThat(kernel.entry(4).availableStack()).isZero();
  }

  /** Upstream maps its top wherever the sum of the two has wrapped to. */
  @Test
  void aStackThatReachesRoundTheAddressSpaceHasNoSpace() {
    VmMap all = kernel.spaces.alloc().map();

    assertThat(
            kernel
                .vm
                .maps()
                .stacks()
                .stack(all, at(8), (1L << 20) - at(8), true, VmProt.ALL, VmProt.ALL, 0)
                .code())
        .isEqualTo(KernReturn.NO_SPACE);

    assertThat(all.nentries()).isZero();
  }

  @Test
  void takenAddressesLeaveNoSpace() {
    kernel.anonymous(40, 41);

    assertThat(stack(40, 3, true).code()).isEqualTo(KernReturn.NO_SPACE);
    assertThat(stack(38, 3, true).code()).isEqualTo(KernReturn.NO_SPACE);
    assertThat(stack(0, PAGES + 1, false).code()).isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.layout()).isEqualTo("40-41");
  }

  @Test
  void aMappingInTheRoomToGrowLeavesNoSpace() {
    kernel.anonymous(10, 11);

    assertThat(stack(0, 4 * STEP, true).code()).isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.layout()).isEqualTo("10-11");
  }

  @Test
  void aSearchSkipsWhatIsTaken() {
    kernel.anonymous(4, 5);

    assertThat(stack(0, 2 * STEP, false)).isEqualTo(new VmMaps.Found(KernReturn.SUCCESS, at(5)));
  }

  @Test
  void ordinaryMappingsAreKeptOutOfTheRoomToGrow() {
    stack(2, 2 * STEP, true);

    assertThat(find(2)).isEqualTo(at(0));
    assertThat(find(2)).isEqualTo(at(2 + 2 * STEP));
    kernel.map.lock();
    assertThat(kernel.vm.maps().space().find(kernel.map, at(2), PAGE, 1, EntryFlags.MAP_STACK))
        .isEqualTo(at(2));
    kernel.map.unlock();
  }

  @Test
  void growthComesInStepsAndTheRestStaysAvailable() {
    stack(0, 4 * STEP, true);

    assertThat(grow(95)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("64-96 96-128");
    assertThat(kernel.entry(64).availableStack()).isEqualTo(2 * STEP * PAGE);
    assertThat(grow(1)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.entry(0).availableStack()).isZero();
    assertThat(kernel.map.size()).isEqualTo(4 * STEP * PAGE);
  }

  @Test
  void growthByAWholeStepTakesNoSecondOne() {
    stack(0, 4 * STEP, true);

    kernel.vm.maps().stacks().grow(kernel.map, at(64));

    assertThat(kernel.layout()).isEqualTo("64-96 96-128");
  }

  @Test
  void growthThatReachesTheLimitIsGranted() {
    stack(0, 4 * STEP, true);
    kernel.space.setProcessStack(at(0), STEP * PAGE, 2 * STEP * PAGE);

    assertThat(grow(64)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.space.stackSize()).isEqualTo(2 * STEP * PAGE);
    assertThat(grow(63)).isEqualTo(KernReturn.NO_SPACE);
  }

  @Test
  void ordinaryMappingsAreKeptOutOfTheRoomOfAGrownStackToo() {
    stack(2, 4 * STEP, true);
    grow(97);

    assertThat(find(2)).isEqualTo(at(0));
    assertThat(find(1)).isEqualTo(at(2 + 4 * STEP));
  }

  @Test
  void whatIsMappedOrNoStackNeedsNoGrowth() {
    stack(64, 2 * STEP, true);

    assertThat(grow(100)).as("mapped").isEqualTo(KernReturn.SUCCESS);
    assertThat(grow(63)).as("below the lowest address").isEqualTo(KernReturn.SUCCESS);
    assertThat(grow(200)).as("no stack above").isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("96-128");
  }

  @Test
  void aMappingInTheWayEndsTheGrowthAndShrinksTheRoom() {
    stack(0, 4 * STEP, true);
    kernel.backed(90, 91, 0);

    assertThat(grow(89)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("90-91 96-128");
    assertThat(grow(95)).as("cut to the gap").isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("90-91 91-96 96-128");
    assertThat(kernel.entry(91).availableStack()).isZero();
  }

  @Test
  void growthBesideAnotherStackStaysAnEntryOfItsOwn() {
    stack(64, STEP, true);
    stack(96, 2 * STEP, true);

    assertThat(grow(97)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("64-96 96-128 128-160");
    assertThat(kernel.entry(96).availableStack()).isZero();
  }

  @Test
  void theProcessStackHasALimit() {
    stack(0, 4 * STEP, true);
    kernel.space.setProcessStack(at(0), STEP * PAGE, (2 * STEP + 8) * PAGE);

    assertThat(grow(95)).isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.space.stackSize()).isEqualTo(2 * STEP * PAGE);
    assertThat(grow(60)).as("cut to the limit").isEqualTo(KernReturn.SUCCESS);
    assertThat(kernel.layout()).isEqualTo("56-64 64-96 96-128");
    assertThat(grow(55)).isEqualTo(KernReturn.NO_SPACE);
    assertThat(kernel.space.stackSize()).isEqualTo((2 * STEP + 8) * PAGE);
  }

  @Test
  void aMergedStackGrowsFromItsLowestPart() {
    stack(0, 4 * STEP, true);
    grow(95);

    kernel.protect(64, 128, VmProt.READ);

    assertThat(kernel.entry(64).availableStack()).isEqualTo(2 * STEP * PAGE);
  }

  @Test
  void aFaultBelowAStackGrowsIt() {
    stack(64, 4 * STEP, true);

    assertThat(kernel.fault(100, VmProt.WRITE)).isEqualTo(KernReturn.SUCCESS);

    assertThat(kernel.layout()).isEqualTo("96-160 160-192");
    assertThat(kernel.pte(100)).isNotZero();
    assertThat(kernel.fault(63, VmProt.WRITE)).isEqualTo(KernReturn.INVALID_ADDRESS);
  }

  @Test
  void aFaultFailsWhereTheStackMustNotGrow() {
    stack(0, 4 * STEP, true);
    kernel.space.setProcessStack(at(0), STEP * PAGE, STEP * PAGE);

    assertThat(kernel.fault(95, VmProt.WRITE)).isEqualTo(KernReturn.FAILURE);
    assertThat(kernel.layout()).isEqualTo("96-128");
  }
}
