package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.device.TextScreen;
import dev.kmemu.emulator.device.Uart16550;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * What a BIOS would have left at 0x400, as far as kernels look for it there (IBM PC/AT Technical
 * Reference, "BIOS Data Area"): Xen, for one, puts its own low memory below what 0x413 says.
 */
final class BiosDataArea {

  private static final int COM1 = 0x400;
  private static final int EXTENDED_SEGMENT = 0x40E;
  private static final int EQUIPMENT = 0x410;
  private static final int BASE_MEMORY_KIB = 0x413;
  private static final int VIDEO_MODE = 0x449;
  private static final int COLUMNS = 0x44A;
  private static final int CRTC = 0x463;
  private static final int LAST_ROW = 0x484;
  private static final int CHARACTER_HEIGHT = 0x485;

  /** One serial port; the first screen has 80 columns and colours. */
  private static final int SERIAL_AND_SCREEN = 0x0220;

  private static final int BASE_KIB = 639;
  private static final int TEXT_IN_COLOUR = 3;
  private static final int VGA_HEIGHT = 16;

  private BiosDataArea() {}

  static void write(PhysicalMemory ram) {
    put16(ram, COM1, Uart16550.COM1);
    put16(ram, EXTENDED_SEGMENT, BASE_KIB << 6);
    put16(ram, EQUIPMENT, SERIAL_AND_SCREEN);
    put16(ram, BASE_MEMORY_KIB, BASE_KIB);
    ram.store8(new PhysicalAddress(VIDEO_MODE), TEXT_IN_COLOUR);
    put16(ram, COLUMNS, TextScreen.COLUMNS);
    put16(ram, CRTC, TextScreen.CRTC);
    ram.store8(new PhysicalAddress(LAST_ROW), TextScreen.ROWS - 1);
    put16(ram, CHARACTER_HEIGHT, VGA_HEIGHT);
  }

  private static void put16(PhysicalMemory ram, int at, int value) {
    ram.store8(new PhysicalAddress(at), value & 0xFF);
    ram.store8(new PhysicalAddress(at + 1), value >> 8);
  }
}
