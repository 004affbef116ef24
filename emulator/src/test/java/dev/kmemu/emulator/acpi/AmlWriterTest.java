package dev.kmemu.emulator.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Encodings of ACPI 6.5, 20.2. */
class AmlWriterTest {

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void integersTakeTheirShortestForm() {
    assertThat(hex(AmlWriter.integer(0))).isEqualTo("00");
    assertThat(hex(AmlWriter.integer(1))).isEqualTo("01");
    assertThat(hex(AmlWriter.integer(2))).isEqualTo("0a02");
    assertThat(hex(AmlWriter.integer(0xFF))).isEqualTo("0aff");
    assertThat(hex(AmlWriter.integer(0x1234))).isEqualTo("0b3412");
    assertThat(hex(AmlWriter.integer(0x12345678))).isEqualTo("0c78563412");
    assertThat(hex(AmlWriter.integer(-1))).isEqualTo("0cffffffff");
  }

  @Test
  void aNamedPackageHasItsLengthCountAndElements() {
    assertThat(hex(AmlWriter.name("_S5", AmlWriter.integers(0, 5, 0, 0))))
        .isEqualTo("08" + "5f53355f" + "12" + "07" + "04" + "00" + "0a05" + "00" + "00");
  }

  @Test
  void lengthsCountThemselvesAndGrowWithWhatTheyCount() {
    assertThat(hex(AmlWriter.packageLength(0))).isEqualTo("01");
    assertThat(hex(AmlWriter.packageLength(62))).isEqualTo("3f");
    assertThat(hex(AmlWriter.packageLength(63))).as("65 with itself").isEqualTo("4104");
    assertThat(hex(AmlWriter.packageLength(4093))).as("4095").isEqualTo("4fff");
    assertThat(hex(AmlWriter.packageLength(4094))).as("4097").isEqualTo("810001");
  }

  @Test
  void namesHaveUpToFourCharacters() {
    for (String wrong : new String[] {"", "ABCDE", "1AB", "a"}) {
      assertThatThrownBy(() -> AmlWriter.name(wrong, new byte[0]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'" + wrong + "'");
    }
  }
}
