package dev.kmemu.gdb.target;

import dev.kmemu.emulator.cpu.Register;

/**
 * A register of the target description: all of an architectural register, or a part of it.
 *
 * @param name its name in the description
 * @param register the register that holds it
 * @param from the first byte of {@code register} that belongs to it
 * @param bytes its width; where the register ends before, zeros follow
 */
record RegisterSlot(String name, Register register, int from, int bytes) {

  /** Returns how many bytes of the slot the register has. */
  int held() {
    return Math.min(bytes, register.bytes() - from);
  }
}
