package dev.kmemu.testkit.assembler;

import org.jspecify.annotations.Nullable;

/** How the operations of {@link Alu} are encoded, and TEST. */
abstract class AluEncoding extends MoveInstructions {

  private static final int ACCUMULATOR = 4;
  private static final int FROM_MEMORY = 2;

  final Assembler alu(Alu operation, GeneralRegister to, GeneralRegister from) {
    String text = operation.text() + " " + to + ", " + from;
    Size size = requireSame(text, to.size(), from.size());
    return emitLockable(
        whole ->
            new Instruction(whole, opcode(operation.opcode(), size)).size(size).reg(from).rm(to),
        text,
        false);
  }

  final Assembler alu(Alu operation, GeneralRegister to, Mem from) {
    String text = operation.text() + " " + to + ", " + from;
    Size size = requireSame(text, to.size(), from.size());
    int opcode = opcode(operation.opcode() | FROM_MEMORY, size);
    return emitLockable(
        whole -> new Instruction(whole, opcode).size(size).reg(to).rm(from), text, false);
  }

  final Assembler alu(Alu operation, Mem to, GeneralRegister from) {
    String text = operation.text() + " " + to + ", " + from;
    Size size = requireSame(text, from.size(), to.size());
    return emitLockable(
        whole ->
            new Instruction(whole, opcode(operation.opcode(), size)).size(size).reg(from).rm(to),
        text,
        operation != Alu.CMP);
  }

  final Assembler alu(Alu operation, GeneralRegister to, long value) {
    String text = operation.text() + " " + to + ", " + decimal(value);
    Size size = to.size();
    requireImmediate(text, size, value);
    boolean small = isSmall(size, value);
    boolean isAccumulator = to.encoding() == 0;
    if (isAccumulator && (size == Size.BYTE || !small)) {
      int opcode = opcode(operation.opcode() | ACCUMULATOR, size);
      return emitLockable(
          whole ->
              new Instruction(whole, opcode).size(size).immediate(value, size.immediateBytes()),
          text,
          false);
    }
    return emitLockable(whole -> immediate(whole, operation, size, value).rm(to), text, false);
  }

  final Assembler alu(Alu operation, Mem to, long value) {
    String text = operation.text() + " " + to + ", " + decimal(value);
    Size size = requireSize(text, to.size());
    requireImmediate(text, size, value);
    return emitLockable(
        whole -> immediate(whole, operation, size, value).rm(to), text, operation != Alu.CMP);
  }

  private static Instruction immediate(String text, Alu operation, Size size, long value) {
    boolean small = size != Size.BYTE && isSmall(size, value);
    int opcode = small ? 0x83 : opcode(0x80, size);
    return new Instruction(text, opcode)
        .size(size)
        .field(operation.number())
        .immediate(value, small ? 1 : size.immediateBytes());
  }

  /** Whether the operand's own bits are eight, sign-extended. */
  private static boolean isSmall(Size size, long value) {
    long signed =
        switch (size) {
          case BYTE -> (byte) value;
          case WORD -> (short) value;
          case DWORD -> (int) value;
          case QWORD -> value;
        };
    return signed == (byte) signed;
  }

  /** TEST of two registers. */
  public Assembler test(GeneralRegister left, GeneralRegister right) {
    String text = "test " + left + ", " + right;
    Size size = requireSame(text, left.size(), right.size());
    return emit(new Instruction(text, opcode(0x84, size)).size(size).reg(right).rm(left), text);
  }

  /** TEST of memory with a register. */
  public Assembler test(Mem left, GeneralRegister right) {
    String text = "test " + left + ", " + right;
    Size size = requireSame(text, right.size(), left.size());
    return emit(new Instruction(text, opcode(0x84, size)).size(size).reg(right).rm(left), text);
  }

  /** TEST with an immediate. */
  public Assembler test(GeneralRegister left, long value) {
    String text = "test " + left + ", " + decimal(value);
    Size size = left.size();
    requireImmediate(text, size, value);
    boolean isAccumulator = left.encoding() == 0;
    Instruction test =
        isAccumulator
            ? new Instruction(text, opcode(0xA8, size)).size(size)
            : new Instruction(text, opcode(0xF6, size)).size(size).field(0).rm(left);
    return emit(test.immediate(value, size.immediateBytes()), text);
  }

  /** IMUL: the low half of a signed product. */
  public Assembler imul(GeneralRegister to, GeneralRegister by) {
    String text = "imul " + to + ", " + by;
    Size size = requireSame(text, to.size(), by.size());
    requireNoByte(text, size);
    return emit(new Instruction(text, 0x0F, 0xAF).size(size).reg(to).rm(by), text);
  }

  static void requireNoByte(String text, @Nullable Size size) {
    if (size == Size.BYTE) {
      throw new AssemblerException(text, "there is no form for bytes: use 16, 32 or 64 bits");
    }
  }
}
