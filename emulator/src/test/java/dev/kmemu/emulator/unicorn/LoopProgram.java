package dev.kmemu.emulator.unicorn;

/** A loop whose executed bytes are known. */
final class LoopProgram {

  /** {@code mov ecx, 100000; next: dec ecx; jnz next; hlt}. */
  static final String CODE = "b9a0860100 ffc9 75fc f4";

  /** The first block of 9 bytes, 99 999 times the one of 4, and the last byte. */
  static final long BYTES = 9 + 99_999 * 4 + 1;

  private LoopProgram() {}
}
