package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Register;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a file of the CPU's state needs and no register names, at its place in a context: the
 * segments' caches, and the mode of the CPU as QEMU derives it.
 *
 * @param name under which it is kept
 * @param offset bytes from the first general register
 * @param bytes 4 or 8
 */
record HiddenState(String name, int offset, int bytes) {

  private static final int SEGMENTS = 184;
  private static final int SEGMENT_SIZE = 24;
  private static final int CR = 424;

  /** The segments in their order. */
  private static final List<String> SEGMENT_NAMES =
      List.of("ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR", "GDTR", "IDTR");

  /** The general registers in the order of their encoding, and RIP. */
  private static final Register[] GENERAL = {
    Register.RAX, Register.RCX, Register.RDX, Register.RBX,
    Register.RSP, Register.RBP, Register.RSI, Register.RDI,
    Register.R8, Register.R9, Register.R10, Register.R11,
    Register.R12, Register.R13, Register.R14, Register.R15,
    Register.RIP
  };

  private static final Register[] CONTROL = {
    Register.CR0, Register.CR2, Register.CR3, Register.CR4
  };

  /** Registers that are written at their place too, because a write by name has side effects. */
  static List<HiddenState> places() {
    List<HiddenState> places = new java.util.ArrayList<>();
    for (int i = 0; i < GENERAL.length; i++) {
      places.add(new HiddenState(GENERAL[i].name(), i * Long.BYTES, Long.BYTES));
    }
    for (Register control : CONTROL) {
      int number = control.name().charAt(2) - '0';
      places.add(new HiddenState(control.name(), CR + number * Long.BYTES, Long.BYTES));
    }
    places.add(new HiddenState("MODE.flags", 176, Integer.BYTES));
    places.add(new HiddenState("MODE.flags2", 180, Integer.BYTES));
    for (int i = 0; i < SEGMENT_NAMES.size(); i++) {
      String name = SEGMENT_NAMES.get(i);
      int at = SEGMENTS + i * SEGMENT_SIZE;
      places.add(new HiddenState(name + ".selector", at, Integer.BYTES));
      places.add(new HiddenState(name + ".base", at + 8, Long.BYTES));
      places.add(new HiddenState(name + ".limit", at + 16, Integer.BYTES));
      places.add(new HiddenState(name + ".attributes", at + 20, Integer.BYTES));
    }
    return List.copyOf(places);
  }

  byte[] read(ByteBuffer context, int registers) {
    byte[] value = new byte[bytes];
    context.get(registers + offset, value);
    return value;
  }

  void write(ByteBuffer context, int registers, byte[] value) {
    context.put(registers + offset, value);
  }
}
