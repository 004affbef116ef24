package dev.kmemu.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmemu.emulator.device.TextScreen;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ScreenPainterTest {

  private static final String NO_CURSOR = "\033[0m\033[?25l";

  private final PhysicalMemory ram = new PhysicalMemory(UnicornLoader.load().allocate(1 << 20));
  private final TextScreen screen = new TextScreen(ram, () -> 0);
  private final ScreenPainter painter = new ScreenPainter();

  @BeforeEach
  void setUp() {
    register(0x0A, 0x20);
    painter.paint(screen);
  }

  @AfterEach
  void close() {
    ram.close();
  }

  private void register(int number, int value) {
    screen.write(TextScreen.CRTC, 1, number);
    screen.write(TextScreen.CRTC + 1, 1, value);
  }

  private void put(int row, int column, int cell) {
    long at = TextScreen.MEMORY + 2L * (row * TextScreen.COLUMNS + column);
    ram.store8(new PhysicalAddress(at), cell & 0xFF);
    ram.store8(new PhysicalAddress(at + 1), cell >> 8);
  }

  @Test
  void aScreenThatStaysAsItIsNeedsNothing() {
    assertThat(painter.paint(screen)).isEmpty();
  }

  @Test
  void onlyWhatHasChangedIsDrawn() {
    put(2, 4, 0x0741);
    put(2, 5, 0x0742);
    assertThat(painter.paint(screen)).isEqualTo("\033[3;5H\033[37;40mAB" + NO_CURSOR);
    put(2, 5, 0x0743);
    assertThat(painter.paint(screen)).isEqualTo("\033[3;6H\033[37;40mC" + NO_CURSOR);
  }

  @Test
  void coloursAreThoseOfTheAttribute() {
    put(0, 0, 0x1F41);
    put(0, 1, 0x4C41);
    assertThat(painter.paint(screen)).isEqualTo("\033[1;1H\033[97;44mA\033[91;41mA" + NO_CURSOR);
  }

  @Test
  void charactersAreThoseOfTheCodePage() {
    put(0, 0, 0x0701);
    put(0, 1, 0x07DB);
    put(0, 2, 0x077F);
    assertThat(painter.paint(screen)).contains("☺█⌂");
  }

  @Test
  void theCursorIsWhereTheControllerHasIt() {
    register(0x0A, 0);
    register(0x0E, 0);
    register(0x0F, 82);
    assertThat(painter.paint(screen)).isEqualTo("\033[0m\033[2;3H\033[?25h");
    assertThat(painter.paint(screen)).isEmpty();
    register(0x0E, 0x20);
    assertThat(painter.paint(screen)).isEqualTo(NO_CURSOR);
  }
}
