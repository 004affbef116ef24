package dev.kmemu.cli.terminal;

import dev.kmemu.emulator.device.TextScreen;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns a VGA's text screen into what a terminal has to be sent (ECMA-48): characters of code page
 * 437 in the colours of their attributes, only where they have changed since the last time.
 */
public final class ScreenPainter {

  private static final String LOW_GLYPHS = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼";
  private static final char HOUSE = '⌂';
  private static final int DELETE = 0x7F;
  private static final Charset CODE_PAGE =
      Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;

  /** The terminal's colours in the VGA's order, which has blue where the terminal has red. */
  private static final int[] COLOURS = {0, 4, 2, 6, 1, 5, 3, 7};

  private static final int FOREGROUND = 30;
  private static final int BRIGHT_FOREGROUND = 90;
  private static final int BACKGROUND = 40;
  private static final int INTENSE = 8;
  private static final int COLOUR = 7;
  private static final int NOTHING = -1;

  private final int[] shown = new int[TextScreen.ROWS * TextScreen.COLUMNS];
  private String cursor = "";

  /** Begins with a terminal of which nothing is known. */
  public ScreenPainter() {
    Arrays.fill(shown, NOTHING);
  }

  /** Returns what brings the terminal up to date; empty when it is. */
  public String paint(TextScreen screen) {
    StringBuilder text = new StringBuilder();
    int attribute = NOTHING;
    int next = NOTHING;
    for (int at = 0; at < shown.length; at++) {
      int cell = screen.cell(at / TextScreen.COLUMNS, at % TextScreen.COLUMNS);
      if (cell == shown[at]) {
        continue;
      }
      shown[at] = cell;
      if (at != next || at % TextScreen.COLUMNS == 0) {
        move(text, at / TextScreen.COLUMNS, at % TextScreen.COLUMNS);
      }
      if (cell >> Byte.SIZE != attribute) {
        attribute = cell >> Byte.SIZE;
        colour(text, attribute);
      }
      text.append(glyph(cell & 0xFF));
      next = at + 1;
    }
    String where = cursor(screen);
    if (text.length() > 0 || !where.equals(cursor)) {
      cursor = where;
      text.append("\033[0m").append(where);
    }
    return text.toString();
  }

  private static String cursor(TextScreen screen) {
    if (!screen.isCursorOn() || screen.cursorRow() >= TextScreen.ROWS) {
      return "\033[?25l";
    }
    StringBuilder text = new StringBuilder();
    move(text, screen.cursorRow(), screen.cursorColumn());
    return text.append("\033[?25h").toString();
  }

  private static void move(StringBuilder text, int row, int column) {
    text.append("\033[").append(row + 1).append(';').append(column + 1).append('H');
  }

  private static void colour(StringBuilder text, int attribute) {
    int base = (attribute & INTENSE) == 0 ? FOREGROUND : BRIGHT_FOREGROUND;
    text.append("\033[")
        .append(base + COLOURS[attribute & COLOUR])
        .append(';')
        .append(BACKGROUND + COLOURS[attribute >> 4 & COLOUR])
        .append('m');
  }

  private static char glyph(int character) {
    if (character < LOW_GLYPHS.length()) {
      return LOW_GLYPHS.charAt(character);
    }
    return character == DELETE
        ? HOUSE
        : new String(new byte[] {(byte) character}, CODE_PAGE).charAt(0);
  }
}
