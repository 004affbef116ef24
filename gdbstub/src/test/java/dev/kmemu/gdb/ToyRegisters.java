package dev.kmemu.gdb;

import dev.kmemu.emulator.cpu.Register;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The registers of a {@link ToyTarget}, all of them zero at first. */
final class ToyRegisters {

  private final Map<Register, byte[]> values = new EnumMap<>(Register.class);

  ToyRegisters() {
    for (Register register : Register.values()) {
      values.put(register, new byte[register.bytes()]);
    }
  }

  void set(Register register, long value) {
    byte[] bytes = bytes(register);
    for (int i = 0; i < Math.min(bytes.length, Long.BYTES); i++) {
      bytes[i] = (byte) (value >> (Byte.SIZE * i));
    }
  }

  long get(Register register) {
    byte[] bytes = bytes(register);
    long value = 0;
    for (int i = Math.min(bytes.length, Long.BYTES) - 1; i >= 0; i--) {
      value = (value << Byte.SIZE) | (bytes[i] & 0xff);
    }
    return value;
  }

  byte[] bytes(Register register) {
    return Objects.requireNonNull(values.get(register));
  }
}
