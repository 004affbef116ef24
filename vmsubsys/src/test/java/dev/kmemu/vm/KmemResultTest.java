package dev.kmemu.vm;

import static dev.kmemu.vm.TestKernel.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;

/** What a failed request says: its sizes are unsigned. */
class KmemResultTest {

  private final TestKernel kernel = TestKernel.small();

  @Test
  void aSizeBeyondTheSignedRangeIsNotNegative() {
    assertThat(kernel.vm.kmem().alloc(kernel.map(), Long.MIN_VALUE))
        .hasToString(
            "NoSpace[map=kernel_map, size=0x8000000000000000 (9223372036854775808 bytes)]");
    assertThat(kernel.vm.kmem().alloc(kernel.map(), -1))
        .hasToString("InvalidSize[size=0xffffffffffffffff (18446744073709551615 bytes)]");
    assertThat(kernel.vm.kmem().allocNofault(kernel.map(), PAGE, -1))
        .hasToString("InvalidAlignment[alignment=0xffffffffffffffff (18446744073709551615 bytes)]");
    assertThat(kernel.vm.kmem().allocWait(kernel.map(), 1L << 63))
        .hasToString(
            "LargerThanMap[map=kernel_map, size=0x8000000000000000 (9223372036854775808 bytes),"
                + " extent=0x1ffffff000 (137438949376 bytes)]");
    kernel.check();
  }

  @Test
  void orThrowSaysWhyThereIsNoAddress() {
    assertThatIllegalStateException()
        .isThrownBy(() -> kernel.vm.kmem().alloc(kernel.map(), 1L << 40).orThrow())
        .withMessageEndingWith("NoSpace[map=kernel_map, size=0x10000000000 (1099511627776 bytes)]");
  }
}
