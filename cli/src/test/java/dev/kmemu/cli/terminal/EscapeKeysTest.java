package dev.kmemu.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EscapeKeysTest {

  private final StringBuilder guest = new StringBuilder();
  private final AtomicInteger quits = new AtomicInteger();
  private final EscapeKeys keys =
      new EscapeKeys(key -> guest.append((char) key), quits::incrementAndGet);

  private void type(String text) {
    text.chars().forEach(keys);
  }

  @Test
  void ordinaryKeysAndOtherControlKeysAreTheGuests() {
    type("ls\r\u0003\u0018");
    assertThat(guest).hasToString("ls\r\u0003\u0018");
    assertThat(quits).hasValue(0);
  }

  @Test
  void ctrlAAndXQuit() {
    type("a\u0001x");
    assertThat(guest).hasToString("a");
    assertThat(quits).hasValue(1);
  }

  @Test
  void ctrlATwiceIsOneForTheGuest() {
    type("\u0001\u0001x");
    assertThat(guest).hasToString("\u0001x");
    assertThat(quits).hasValue(0);
  }

  @Test
  void ctrlABeforeAnythingElseIsDroppedWithIt() {
    type("\u0001qx");
    assertThat(guest).hasToString("x");
    assertThat(quits).hasValue(0);
  }
}
