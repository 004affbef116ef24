package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** All registers of a paused CPU, taken at once. Immutable. */
final class RegisterSnapshot {

  private static final Register[] NARROW =
      Arrays.stream(Register.values()).filter(r -> !r.isWide()).toArray(Register[]::new);

  private final Map<Register, byte[]> values = new EnumMap<>(Register.class);

  static RegisterSnapshot of(RegisterFile registers) {
    RegisterSnapshot snapshot = new RegisterSnapshot();
    Register[] present = Arrays.stream(NARROW).filter(registers::has).toArray(Register[]::new);
    long[] words = new long[present.length];
    registers.read(present, words);
    for (int i = 0; i < present.length; i++) {
      byte[] bytes = new byte[present[i].bytes()];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) (words[i] >>> (at * Byte.SIZE));
      }
      snapshot.values.put(present[i], bytes);
    }
    for (Register register : Register.values()) {
      if (register.isWide() && registers.has(register)) {
        byte[] bytes = new byte[register.bytes()];
        registers.read(register, bytes, 0);
        snapshot.values.put(register, bytes);
      }
    }
    return snapshot;
  }

  private RegisterSnapshot() {}

  boolean has(Register register) {
    return values.containsKey(register);
  }

  byte[] bytes(Register register) {
    return Objects.requireNonNull(values.get(register), () -> "this CPU has no " + register);
  }

  long word(Register register) {
    byte[] bytes = bytes(register);
    long value = 0;
    for (int at = bytes.length - 1; at >= 0; at--) {
      value = (value << Byte.SIZE) | (bytes[at] & 0xFF);
    }
    return value;
  }

  PagingMode pagingMode() {
    return PagingMode.of(
        word(Register.CR0),
        word(Register.CR3),
        word(Register.CR4),
        word(Register.EFER),
        word(Register.RFLAGS));
  }
}
