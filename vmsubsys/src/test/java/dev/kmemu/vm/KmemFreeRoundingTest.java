package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static dev.kmemu.vm.TestKernel.kva;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which of four wired pages go, by the arguments of {@code kmem_free} and its sibling. */
class KmemFreeRoundingTest {

  private static final int PAGES = 4;

  private final TestKernel kernel = TestKernel.small();
  private final long va = kernel.alloc(PAGES * PAGE);

  /** The two routines. */
  enum Routine {
    FREE,
    FREE_WAKEUP
  }

  @AfterEach
  void check() {
    kernel.check();
  }

  private void free(Routine routine, long address, long size) {
    if (routine == Routine.FREE) {
      kernel.vm.kmem().free(kernel.map(), new VirtualAddress(address), size);
    } else {
      kernel.vm.kmem().freeWakeup(kernel.map(), new VirtualAddress(address), size);
    }
  }

  private List<Integer> gone() {
    return IntStream.range(0, PAGES)
        .filter(page -> kernel.vm.pmap().extract(va + page * PAGE) == 0)
        .boxed()
        .toList();
  }

  @ParameterizedTest
  @CsvSource({
    "FREE, 0xF00, 0x200, '0 1'",
    "FREE, 0x1F00, 0x200, '1 2'",
    "FREE, 1, 0, 0",
    "FREE, 0xFFF, 0, 0",
    "FREE, 0, 0, ''",
    "FREE, 0, 1, 0",
    "FREE, 0, 0x1000, 0",
    "FREE, 0, 0x1001, '0 1'",
    "FREE, 0x1001, 0x2000, '1 2 3'",
    "FREE_WAKEUP, 0xF00, 0x200, '0 1'",
    "FREE_WAKEUP, 1, 0, 0",
    "FREE_WAKEUP, 0, 0, ''",
    "FREE_WAKEUP, 0x1001, 0x2000, '1 2 3'",
  })
  void theRangeGoesFromTheFirstTouchedPageToTheLast(
      Routine routine, String offset, String size, String pages) {
    free(routine, va + Long.decode(offset), Long.decode(size));

    List<Integer> expected =
        pages.isEmpty()
            ? List.of()
            : Arrays.stream(pages.split(" ")).map(Integer::valueOf).toList();
    assertThat(gone()).isEqualTo(expected);
    assertThat(kernel.map().size())
        .isEqualTo(
            (PAGES - expected.size()) * PAGE
                + kernel.vm.boot().virtualStart()
                - KvaLayout.KERNBASE);
  }

  @ParameterizedTest
  @EnumSource(Routine.class)
  void sizeZeroInsideAnEntrySplitsIt(Routine routine) {
    free(routine, va + 2 * PAGE, 0);

    assertThat(kernel.map().nentries()).isEqualTo(3);
    assertThat(kernel.map().first().end()).isEqualTo(kva(2));
    assertThat(gone()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"FREE, -4096", "FREE, -1", "FREE, -9223372036854775808", "FREE_WAKEUP, -1"})
  void aRangeThatWrapsRemovesNothing(Routine routine, long size) {
    free(routine, va, size);

    assertThat(gone()).isEmpty();
  }

  @Test
  void aRangeThatEndsAboveTheMapWrapsToNothingToo() {
    free(Routine.FREE, va, -va);

    assertThat(gone()).isEmpty();
    assertThat(kernel.map().nentries()).isEqualTo(2);
  }

  @Test
  void withoutClampingAWrappedRangeSplitsWhereItBegins() {
    free(Routine.FREE_WAKEUP, va + PAGE, -va);

    assertThat(gone()).isEmpty();
    assertThat(kernel.map().nentries()).isEqualTo(3);
  }

  @Test
  void theRangeIsClampedToTheMap() {
    var submap = kernel.vm.kmem().suballoc(kernel.map(), "clean_map", 2 * PAGE);
    long inside = kernel.vm.kmem().alloc(submap.map(), 2 * PAGE).orThrow().value();

    kernel.vm.kmem().free(submap.map(), new VirtualAddress(va), inside - va + PAGE);

    assertThat(gone()).as("pages of the parent").isEmpty();
    assertThat(kernel.vm.pmap().extract(inside)).isZero();
    assertThat(kernel.vm.pmap().extract(inside + PAGE)).isNotZero();
  }

  @Test
  void addressesOutsideTheMapAreIgnored() {
    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(0), KvaLayout.KVA_START);
    kernel.vm.kmem().free(kernel.map(), new VirtualAddress(KvaLayout.KVA_END), PAGE - 1);

    assertThat(gone()).isEmpty();
    assertThat(kernel.map().nentries()).isEqualTo(2);
  }

  @Test
  void theRestOfAnEntryStaysWired() {
    free(Routine.FREE, va + PAGE, PAGE);

    assertThat(kernel.wiredCount()).isEqualTo(3);
    assertThat(kernel.entries(kernel.map()).subList(0, 2))
        .allMatch(entry -> entry.wiredCount() == 1)
        .allMatch(entry -> entry.offset() == entry.start());
    assertThat(kernel.vm.objects().kernelObject().refCount()).isEqualTo(3);
  }
}
