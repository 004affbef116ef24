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

  /** Whether nothing of the slot's value at {@code offset} gets lost in the register. */
  boolean holds(byte[] value, int offset) {
    for (int at = held(); at < bytes; at++) {
      if (value[offset + at] != 0) {
        return false;
      }
    }
    return true;
  }
}
