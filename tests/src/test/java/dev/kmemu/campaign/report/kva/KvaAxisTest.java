package dev.kmemu.campaign.report.kva;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.vm.pmap.KvaLayout;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** Addresses are unsigned, and the axis ends at the last of them. */
class KvaAxisTest {

  private static final long PAGE = 4096;
  private static final long BYTES = -KvaLayout.KVA_START;

  private static KvaArea area(long start, long bytes) {
    return new KvaArea(new VirtualAddress(start), bytes, AreaKind.WIRED, "-", 1);
  }

  @Test
  void theAxisGoesFromTheFirstAddressToTheLast() {
    KvaAxis axis = KvaAxis.of(KvaLayout.KVA_START, BYTES, List.of());

    assertThat(axis.at(KvaLayout.KVA_START)).isZero();
    assertThat(axis.at(-1)).isEqualTo(1);
    assertThat(axis.at(KvaLayout.KVA_START + BYTES / 4)).isCloseTo(0.25, within(1e-6));
  }

  @Test
  void onePageCanBeSeenInAHoleOfManyGibibytes() {
    long at = KvaLayout.KVA_START + (64L << 30);
    KvaAxis axis = KvaAxis.of(KvaLayout.KVA_START, BYTES, List.of(area(at, PAGE)));

    assertThat(axis.at(at + PAGE) - axis.at(at)).isGreaterThan(0.02);
  }

  @Test
  void whatIsUsedGetsMoreThanAHoleOfItsSize() {
    long first = KvaLayout.KVA_START;
    long size = 1L << 21;
    KvaAxis axis =
        KvaAxis.of(first, BYTES, List.of(area(first, size), area(first + 2 * size, size)));

    double used = axis.at(first + size) - axis.at(first);
    double hole = axis.at(first + 2 * size) - axis.at(first + size);
    assertThat(used).isGreaterThan(2 * hole);
  }

  @Test
  void anAreaMayEndWithTheAddressSpace() {
    KvaAxis axis = KvaAxis.of(KvaLayout.KVA_START, BYTES, List.of(area(-PAGE, PAGE)));

    assertThat(axis.boundaries()).containsExactly(KvaLayout.KVA_START, -PAGE);
    assertThat(axis.at(-1)).isEqualTo(1);
    assertThat(1 - axis.at(-PAGE)).isGreaterThan(0.05);
  }

  @Test
  void anAxisOfTheWholeAddressSpaceComparesUnsigned() {
    KvaAxis axis =
        KvaAxis.of(
            0, 0, List.of(area(0x7FFF_FFFF_F000L, PAGE), area(0xFFFF_8000_0000_0000L, PAGE)));

    assertThat(axis.at(0)).isZero();
    assertThat(axis.at(0x7FFF_FFFF_F000L)).isLessThan(axis.at(0xFFFF_8000_0000_0000L));
    assertThat(axis.at(-1)).isEqualTo(1);
  }

  @Property(tries = 300)
  void higherAddressesAreNeverFurtherLeft(
      @ForAll List<@LongRange(min = 0, max = (1L << 25) - 64) Long> pages,
      @ForAll @LongRange(min = 0, max = (1L << 37) - 1) long one,
      @ForAll @LongRange(min = 0, max = (1L << 37) - 1) long other) {
    List<KvaArea> areas =
        pages.stream()
            .map(page -> area(KvaLayout.KVA_START + page * PAGE, (1 + page % 63) * PAGE))
            .toList();
    KvaAxis axis = KvaAxis.of(KvaLayout.KVA_START, BYTES, areas);

    double low = axis.at(KvaLayout.KVA_START + Math.min(one, other));
    double high = axis.at(KvaLayout.KVA_START + Math.max(one, other));
    assertThat(low).isBetween(0.0, high);
    assertThat(high).isLessThanOrEqualTo(1);
  }
}
