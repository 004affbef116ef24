package dev.kmemu.vm.kern;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The C types' arithmetic, where Java's differs. */
class PageArithmeticTest {

  @Example
  void objectIndexesOfKernelAddressesAreSignExtended() {
    assertThat(VmArith.offToIdx(0xFFFF_FFFE_0000_0000L)).isEqualTo(0xFFFF_FFFF_FFE0_0000L);
  }

  @Property
  void offToIdxAndIdxToOffAreInverseOnPages(@ForAll long address) {
    long page = VmArith.truncPage(address);

    assertThat(VmArith.idxToOff(VmArith.offToIdx(page))).isEqualTo(page);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 4096", "4096, 4096", "4097, 8192", "-4096, -4096", "-4095, 0", "-1, 0"})
  void roundPageWrapsToZeroAboveTheLastPage(long value, long rounded) {
    assertThat(VmArith.roundPage(value)).isEqualTo(rounded);
  }

  @ParameterizedTest
  @CsvSource({"4095, 0", "4096, 4096", "-1, -4096"})
  void truncPageClearsTheOffset(long value, long truncated) {
    assertThat(VmArith.truncPage(value)).isEqualTo(truncated);
  }

  @Property
  void addressesCompareUnsigned(@ForAll long a, @ForAll long b) {
    int order = Long.toUnsignedString(a).length() - Long.toUnsignedString(b).length();
    boolean below =
        order != 0 ? order < 0 : Long.toUnsignedString(a).compareTo(Long.toUnsignedString(b)) < 0;

    assertThat(VmArith.below(a, b)).isEqualTo(below);
    assertThat(VmArith.min(a, b)).isEqualTo(below ? a : b);
    assertThat(VmArith.max(a, b)).isEqualTo(below ? b : a);
  }
}
