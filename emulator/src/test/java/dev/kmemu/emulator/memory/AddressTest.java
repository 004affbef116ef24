package dev.kmemu.emulator.memory;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTest {

  private static final VirtualAddress KERNEL = new VirtualAddress(0xFFFF_FFE0_0000_0000L);
  private static final VirtualAddress USER = new VirtualAddress(0x7FFF_FFFF_F000L);

  @Test
  void aKernelAddressIsAboveAUserAddress() {
    assertThat(USER).isLessThan(KERNEL);
    assertThat(USER.isBelow(KERNEL)).isTrue();
    assertThat(KERNEL.isBelow(USER)).isFalse();
    assertThat(KERNEL.isBelow(KERNEL)).as("below itself").isFalse();
    assertThat(new PhysicalAddress(-1)).isGreaterThan(new PhysicalAddress(Long.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource({
    "0x0000000000000000, true",
    "0x00007fffffffffff, true",
    "0x0000800000000000, false",
    "0xffff7fffffffffff, false",
    "0xffff800000000000, true",
    "0xffffffffffffffff, true",
  })
  void canonicalMeansThatTheUpper17BitsAreEqual(String text, boolean canonical) {
    VirtualAddress address =
        new VirtualAddress(Long.parseUnsignedLong(text.substring("0x".length()), 16));
    assertThat(address.isCanonical()).isEqualTo(canonical);
    assertThat(address).hasToString(text);
  }

  @Test
  void arithmeticWrapsAtTheTopOfTheSpace() {
    VirtualAddress last = new VirtualAddress(-1);
    assertThat(last.plus(1)).isEqualTo(new VirtualAddress(0));
    assertThat(new VirtualAddress(0).minus(last)).isEqualTo(1);
    assertThat(last.truncPage()).isEqualTo(new VirtualAddress(-4096));
    assertThat(last.pageOffset()).isEqualTo(4095);
    assertThat(new PhysicalAddress(-1).frameNumber()).isEqualTo((1L << 52) - 1);
  }

  @Property
  void pageAndOffsetMakeUpTheAddress(@ForAll long value) {
    VirtualAddress va = new VirtualAddress(value);
    assertThat(va.truncPage().plus(va.pageOffset())).isEqualTo(va);
    assertThat(va.truncPage().isPageAligned()).isTrue();
    assertThat(va.isPageAligned()).isEqualTo(va.pageOffset() == 0);
    PhysicalAddress pa = new PhysicalAddress(value);
    assertThat(pa.truncPage().value()).isEqualTo(pa.frameNumber() << VirtualAddress.PAGE_SHIFT);
    assertThat(pa.isPageAligned()).isEqualTo(pa.equals(pa.truncPage()));
  }

  @Property
  void theOrderIsTheUnsignedOne(@ForAll long left, @ForAll long right) {
    int expected = Integer.signum(Long.compareUnsigned(left, right));
    assertThat(Integer.signum(new VirtualAddress(left).compareTo(new VirtualAddress(right))))
        .isEqualTo(expected);
    assertThat(Integer.signum(new PhysicalAddress(left).compareTo(new PhysicalAddress(right))))
        .isEqualTo(expected);
    assertThat(new VirtualAddress(left).isBelow(new VirtualAddress(right))).isEqualTo(expected < 0);
  }
}
