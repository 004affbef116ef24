package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.mmu.PagingMode;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Predicate;

/** The registers of a paused CPU, each group of them taken when one is asked for. */
final class RegisterSnapshot {

  private final RegisterFile registers;
  private final Map<RegisterGroup, Members> groups;
  private final Map<Register, byte[]> values = new EnumMap<>(Register.class);

  /** Takes nothing yet; to be used while the CPU is paused, with its thread held. */
  RegisterSnapshot(RegisterFile registers, Map<RegisterGroup, Members> groups) {
    this.registers = registers;
    this.groups = groups;
  }

  /**
   * The registers of a group that a CPU has.
   *
   * @param narrow those that one call reads together
   * @param wide those that are read one by one
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares or prints them, and both stay here
  record Members(Register[] narrow, Register[] wide) {

    private static final Members NONE = new Members(new Register[0], new Register[0]);

    private static Members of(RegisterGroup group, RegisterFile registers) {
      Predicate<Register> member = register -> register.group() == group && registers.has(register);
      return new Members(
          select(member.and(register -> !register.isWide())), select(member.and(Register::isWide)));
    }

    private static Register[] select(Predicate<Register> which) {
      return Arrays.stream(Register.values()).filter(which).toArray(Register[]::new);
    }
  }

  /** Returns the registers that a CPU has, by group. */
  static Map<RegisterGroup, Members> groups(RegisterFile registers) {
    Map<RegisterGroup, Members> groups = new EnumMap<>(RegisterGroup.class);
    for (RegisterGroup group : RegisterGroup.values()) {
      groups.put(group, Members.of(group, registers));
    }
    return groups;
  }

  byte[] bytes(Register register) {
    byte[] value = values.get(register);
    if (value == null) {
      take(register.group());
      value = values.get(register);
    }
    if (value == null) {
      throw new IllegalArgumentException("this CPU has no " + register);
    }
    return value;
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

  private void take(RegisterGroup group) {
    Members members = groups.getOrDefault(group, Members.NONE);
    Register[] narrow = members.narrow();
    long[] words = new long[narrow.length];
    registers.read(narrow, words);
    for (int i = 0; i < narrow.length; i++) {
      byte[] bytes = new byte[narrow[i].bytes()];
      for (int at = 0; at < bytes.length; at++) {
        bytes[at] = (byte) (words[i] >>> (at * Byte.SIZE));
      }
      values.put(narrow[i], bytes);
    }
    for (Register register : members.wide()) {
      byte[] bytes = new byte[register.bytes()];
      registers.read(register, bytes, 0);
      values.put(register, bytes);
    }
  }
}
