package dev.kmemu.emulator.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The text screen by its registers and its memory. */
class TextScreenTest {

  private final HandClock time = new HandClock();
  private final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(1 << 20));
  private final PortSpace ports = new PortSpace();
  private final TextScreen screen = new TextScreen(ram, time.clock);

  TextScreenTest() {
    screen.attachTo(ports);
  }

  @AfterEach
  void close() {
    ram.close();
  }

  private void register(int index, int value) {
    ports.write(0x3D4, 1, index);
    ports.write(0x3D5, 1, value);
  }

  private void put(int row, int column, String text) {
    for (int i = 0; i < text.length(); i++) {
      long cell = row * 80L + column + i;
      ram.store8(new PhysicalAddress(0xB8000 + 2 * cell), text.charAt(i));
    }
  }

  @Test
  void theScreenIsWhatIsInMemory() {
    put(0, 0, "top");
    put(24, 77, "end");
    assertThat(screen.lines()).hasSize(25).startsWith("top", "").endsWith(" ".repeat(77) + "end");
  }

  @Test
  void characterSetIsCodePage437() {
    put(3, 0, "\u00c9\u00cd\u00bb");
    assertThat(screen.lines().get(3)).isEqualTo("\u2554\u2550\u2557");
  }

  @Test
  void theStartAddressScrolls() {
    put(2, 0, "third");
    register(0x0D, 160);
    assertThat(screen.lines().get(0)).isEqualTo("third");
  }

  @Test
  void theCursorIsRelativeToTheStart() {
    register(0x0E, 0x01);
    register(0x0F, 0x45);
    assertThat(screen.cursorRow()).isEqualTo(4);
    assertThat(screen.cursorColumn()).isEqualTo(5);
    register(0x0D, 80);
    assertThat(screen.cursorRow()).isEqualTo(3);
    assertThat(screen.isCursorOn()).isTrue();
    register(0x0A, 0x20);
    assertThat(screen.isCursorOn()).isFalse();
  }

  @Test
  void registersReadBackAndAWordWritesIndexAndData() {
    ports.write(0x3D4, 2, 0x5A0F);
    assertThat(ports.read(0x3D4, 1)).isEqualTo(0x0F);
    assertThat(ports.read(0x3D5, 1)).isEqualTo(0x5A);
    ports.write(0x3D4, 2, 0x5A77);
    assertThat(ports.read(0x3D5, 1)).as("no such register").isEqualTo(0xFF);
  }

  @Test
  void theRetraceComesAndGoes() {
    assertThat(ports.read(0x3DA, 1)).isEqualTo(0x09);
    time.advance(2_000_000);
    assertThat(ports.read(0x3DA, 1)).isZero();
    time.advance(12_500_000);
    assertThat(ports.read(0x3DA, 1)).isEqualTo(0x09);
  }

  @Test
  void aStateThatIsPutBackIsTheSame() {
    register(0x0F, 7);
    var state = screen.capture();
    register(0x0F, 9);
    state.restore();
    assertThat(screen.cursorColumn()).isEqualTo(7);
  }
}
