package dev.kmemu.emulator.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RamSizeTest {

  @ParameterizedTest
  @CsvSource({
    "16M, 16777216",
    "16m, 16777216",
    "16384K, 16777216",
    "16777216, 16777216",
    "64G, 68719476736",
    "1g, 1073741824",
    "0000000064M, 67108864",
  })
  void suffixesArePowersOf1024(String text, long bytes) {
    assertThat(RamSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "15M",
        "16777215",
        "65G",
        "3T",
        "3298534883328",
        "999999999999999999",
        "999999999999999999T",
        "9223372036854775807"
      })
  void aSizeOutOfRangeIsRefusedWithTheRangeAndAnExample(String text) {
    assertRefused(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "M", "64MB", "64 M", "-64M", "+64M", "0x40M", "1.5G", "64M\n", "٦٤M"})
  void whatIsNotASizeIsRefusedWithAnExample(String text) {
    assertRefused(text);
  }

  @Test
  void aSizeThatIsNotWholePagesIsRefused() {
    assertThatThrownBy(() -> RamSize.parse("16777217"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("RAM of 16777217 bytes: must be a multiple of 4096, for example 64M");
  }

  @Property
  void whatItPrintsItParses(@ForAll @IntRange(min = 16, max = 65536) int mebibytes) {
    RamSize size = new RamSize((long) mebibytes << 20);
    assertThat(RamSize.parse(size.toString())).isEqualTo(size);
  }

  private static void assertRefused(String text) {
    assertThatThrownBy(() -> RamSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("RAM of ")
        .hasMessageContaining(text.strip())
        .hasMessageEndingWith("for example 64M");
  }
}
