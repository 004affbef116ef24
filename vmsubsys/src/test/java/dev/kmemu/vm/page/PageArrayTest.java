package dev.kmemu.vm.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.vm.kern.KernelPanic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Physical addresses and the pages that hold them. */
class PageArrayTest {

  private final PageArray pages =
      new PageArray(new PhysicalAddress(0x20_0000), new PhysicalAddress(0x20_3000));

  @Test
  void everyAddressOfThePagesHasItsPage() {
    assertThat(pages.size()).isEqualTo(3);
    assertThat(pages.at(0x20_0000)).isSameAs(pages.get(0));
    assertThat(pages.at(0x20_0FFF)).isSameAs(pages.get(0));
    assertThat(pages.at(0x20_2FFF)).isSameAs(pages.get(2));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 0x1F_FFFF, 0x20_3000, 0xFEC0_0000L, -1, Long.MIN_VALUE})
  void anAddressThatNoPageHasPanicsAndIsNamed(long pa) {
    assertThat(pages.find(pa)).isNull();
    assertThatThrownBy(() -> pages.at(pa))
        .isInstanceOf(KernelPanic.class)
        .hasMessageStartingWith("PHYS_TO_VM_PAGE: no vm_page")
        .hasMessageContaining(String.format("0x%x", pa));
  }
}
