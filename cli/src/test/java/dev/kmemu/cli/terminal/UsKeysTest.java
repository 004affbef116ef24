package dev.kmemu.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.pc.Keystroke;
import org.junit.jupiter.api.Test;

class UsKeysTest {

  private static void assertKeys(String text, Keystroke... keys) {
    assertThat(UsKeys.of(text)).as("%s", text).containsExactly(keys);
  }

  private static Keystroke key(int code) {
    return new Keystroke(code, 0);
  }

  @Test
  void lettersAreTheirKeysAndCapitalsNeedShift() {
    assertKeys("a Z", key(0x1E), key(0x39), new Keystroke(0x2C, Keystroke.SHIFT));
  }

  @Test
  void eachPrintableCharacterHasAKeyOfItsOwn() {
    StringBuilder all = new StringBuilder();
    for (char c = ' '; c <= '~'; c++) {
      all.append(c);
    }
    assertThat(UsKeys.of(all.toString())).hasSize(95).doesNotHaveDuplicates();
  }

  @Test
  void controlCharactersAreLettersWithControl() {
    assertKeys(
        "\1\32", new Keystroke(0x1E, Keystroke.CONTROL), new Keystroke(0x2C, Keystroke.CONTROL));
  }

  @Test
  void enterTabAndBackspaceAreKeysOfTheirOwn() {
    assertKeys("\r\n\t\b\177", key(0x1C), key(0x1C), key(0x0F), key(0x0E), key(0x0E));
  }

  @Test
  void sequencesAreTheKeysThatSendThem() {
    assertKeys("\033[A\033OB\033[C\033[D", key(0x148), key(0x150), key(0x14D), key(0x14B));
    assertKeys("\033[H\033[4~\033[5~\033[3~", key(0x147), key(0x14F), key(0x149), key(0x153));
    assertKeys("\033OP\033[15~\033[17~\033[24~", key(0x3B), key(0x3F), key(0x40), key(0x58));
  }

  @Test
  void sequencesMayTellWhatIsHeld() {
    assertKeys("\033[1;5C", new Keystroke(0x14D, Keystroke.CONTROL));
    assertKeys("\033[3;2~", new Keystroke(0x153, Keystroke.SHIFT));
  }

  @Test
  void anEscapeAloneIsTheKeyAndBeforeACharacterAlt() {
    assertKeys("\033", key(0x01));
    assertKeys("\033\033[A", key(0x01), key(0x148));
    assertKeys("\033x", new Keystroke(0x2D, Keystroke.ALT));
  }

  @Test
  void whatNoKeyMakesIsDropped() {
    assertKeys("\0\u00e9\033[99~\033[9x");
  }
}
