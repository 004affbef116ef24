package dev.kmemu.emulator.pc;

import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;

/**
 * The real-mode interrupt vectors of a BIOS without any service: each call returns with CF set and
 * AH = 0x86, "not supported" (IBM PS/2 BIOS Interface Technical Reference). Kernels that ask the
 * BIOS although their loader told them all go on then.
 */
final class BiosVectors {

  private static final int SEGMENT = 0xF000;
  private static final int REFUSAL = 0xF000;
  private static final int RETURN = REFUSAL + 16;
  private static final int VECTORS = 256;
  private static final int FIRST_SERVICE = 0x10;

  /** {@code push bp; mov bp, sp; or byte [bp+6], 1; pop bp; mov ah, 0x86; iret}. */
  private static final int[] REFUSE = {
    0x55, 0x89, 0xE5, 0x80, 0x4E, 0x06, 0x01, 0x5D, 0xB4, 0x86, 0xCF
  };

  private static final int IRET = 0xCF;

  private BiosVectors() {}

  static void write(PhysicalMemory ram) {
    long code = SEGMENT << 4;
    for (int i = 0; i < REFUSE.length; i++) {
      ram.store8(new PhysicalAddress(code + REFUSAL + i), REFUSE[i]);
    }
    ram.store8(new PhysicalAddress(code + RETURN), IRET);
    for (int vector = 0; vector < VECTORS; vector++) {
      int offset = vector < FIRST_SERVICE ? RETURN : REFUSAL;
      ram.store32(new PhysicalAddress(4L * vector), SEGMENT << 16 | offset);
    }
  }
}
