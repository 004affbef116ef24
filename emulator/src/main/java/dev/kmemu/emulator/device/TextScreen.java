package dev.kmemu.emulator.device;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.time.GuestClock;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A VGA in its 80 by 25 text mode. The text is plain RAM at 0xB8000; of the registers there are the
 * CRTC's (IBM VGA, "CRT Controller"), as far as text goes, and the retrace bits of input status 1.
 */
public final class TextScreen extends DeviceState implements PortDevice {

  /** The CRTC's index port; its data port follows. */
  public static final int CRTC = 0x3D4;

  /** Input status 1. */
  public static final int STATUS = 0x3DA;

  /** Where the text is. */
  public static final long MEMORY = 0xB8000;

  /** Characters in a line. */
  public static final int COLUMNS = 80;

  /** Lines. */
  public static final int ROWS = 25;

  private static final int REGISTERS = 0x19;
  private static final int CURSOR_START = 0x0A;
  private static final int CURSOR_OFF = 0x20;
  private static final int START = 0x0C;
  private static final int CURSOR = 0x0E;
  private static final int CELLS = 0x4000;
  private static final int RETRACE_BITS = 0x09;

  /** 70 frames a second, of which the beam spends about a tenth on its way back. */
  private static final long FRAME_NANOS = 14_286_000;

  private static final long RETRACE_NANOS = 1_430_000;
  private static final Charset CODE_PAGE =
      Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;

  private final PhysicalMemory ram;
  private final GuestClock clock;
  private final int[] registers = new int[REGISTERS];
  private int index;

  /** Creates a screen that shows what is in {@code ram}. */
  public TextScreen(PhysicalMemory ram, GuestClock clock) {
    super("text-screen");
    this.ram = ram;
    this.clock = clock;
  }

  /** Puts the registers behind their ports. */
  public void attachTo(PortSpace ports) {
    ports.attach(CRTC, 2, this);
    ports.attach(STATUS, 1, this);
  }

  @Override
  public int read(int port, int size) {
    return switch (port) {
      case CRTC -> index;
      case STATUS -> clock.nanos() % FRAME_NANOS < RETRACE_NANOS ? RETRACE_BITS : 0;
      default -> index < REGISTERS ? registers[index] : 0xFF;
    };
  }

  @Override
  public boolean write(int port, int size, int value) {
    if (port == CRTC) {
      index = value & 0xFF;
      if (size >= 2) {
        setRegister(value >> 8);
      }
    } else if (port != STATUS) {
      setRegister(value);
    }
    return true;
  }

  private void setRegister(int value) {
    if (index < REGISTERS) {
      registers[index] = value & 0xFF;
    }
  }

  /** Whether a cursor is shown. */
  public boolean isCursorOn() {
    return (registers[CURSOR_START] & CURSOR_OFF) == 0;
  }

  /** Returns the cursor's column, from 0; meaningful when {@link #cursorRow} is on the screen. */
  public int cursorColumn() {
    return cursor() % COLUMNS;
  }

  /** Returns the cursor's row, from 0; {@link #ROWS} and above when it isn't on the screen. */
  public int cursorRow() {
    return cursor() / COLUMNS;
  }

  private int cursor() {
    return Math.floorMod(word(CURSOR) - word(START), 1 << 16);
  }

  private int word(int register) {
    return registers[register] << 8 | registers[register + 1];
  }

  /** Returns a cell: the character, and its attribute in bits 8 to 15. From any thread. */
  public int cell(int row, int column) {
    int cell = (word(START) + row * COLUMNS + column) % CELLS;
    long at = MEMORY + 2L * cell;
    return ram.load8(new PhysicalAddress(at)) | ram.load8(new PhysicalAddress(at + 1)) << 8;
  }

  /** Returns the lines without the blanks at their ends; all of them, also empty ones. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>(ROWS);
    byte[] line = new byte[COLUMNS];
    for (int row = 0; row < ROWS; row++) {
      for (int column = 0; column < COLUMNS; column++) {
        int character = cell(row, column) & 0xFF;
        line[column] = (byte) (character < ' ' || character == 0x7F ? ' ' : character);
      }
      lines.add(new String(line, CODE_PAGE).stripTrailing());
    }
    return lines;
  }

  @Override
  protected long[] save() {
    long[] state = new long[REGISTERS + 1];
    for (int i = 0; i < REGISTERS; i++) {
      state[i] = registers[i];
    }
    state[REGISTERS] = index;
    return state;
  }

  @Override
  protected void restore(long[] state) {
    for (int i = 0; i < REGISTERS; i++) {
      registers[i] = (int) state[i] & 0xFF;
    }
    index = (int) state[REGISTERS] & 0xFF;
  }
}
