package dev.kmemu.testkit.assembler;

import java.util.Locale;

/** Operations on one operand, shifts, bits, and those that processors synchronise with. */
abstract class BitInstructions extends AluInstructions {

  /** What a shift does, with its number in ModRM. */
  private enum Shift {
    ROL(0),
    ROR(1),
    SHL(4),
    SHR(5),
    SAR(7);

    private final int number;

    Shift(int number) {
      this.number = number;
    }
  }

  /** INC. */
  public Assembler inc(GeneralRegister operand) {
    return unary("inc", 0xFE, 0, operand);
  }

  /** INC of memory. */
  public Assembler inc(Mem operand) {
    return unary("inc", 0xFE, 0, operand);
  }

  /** DEC. */
  public Assembler dec(GeneralRegister operand) {
    return unary("dec", 0xFE, 1, operand);
  }

  /** DEC of memory. */
  public Assembler dec(Mem operand) {
    return unary("dec", 0xFE, 1, operand);
  }

  /** NOT. */
  public Assembler not(GeneralRegister operand) {
    return unary("not", 0xF6, 2, operand);
  }

  /** NOT of memory. */
  public Assembler not(Mem operand) {
    return unary("not", 0xF6, 2, operand);
  }

  /** NEG. */
  public Assembler neg(GeneralRegister operand) {
    return unary("neg", 0xF6, 3, operand);
  }

  /** NEG of memory. */
  public Assembler neg(Mem operand) {
    return unary("neg", 0xF6, 3, operand);
  }

  private Assembler unary(String name, int opcode, int number, GeneralRegister operand) {
    Size size = operand.size();
    return emitLockable(
        text -> new Instruction(text, opcode(opcode, size)).size(size).field(number).rm(operand),
        name + " " + operand,
        false);
  }

  private Assembler unary(String name, int opcode, int number, Mem operand) {
    Size size = requireSize(name + " " + operand, operand.size());
    return emitLockable(
        text -> new Instruction(text, opcode(opcode, size)).size(size).field(number).rm(operand),
        name + " " + operand,
        true);
  }

  /** SHL by a count of 0 to 63. */
  public Assembler shl(GeneralRegister operand, int count) {
    return shift(Shift.SHL, operand, count);
  }

  /** SHR by a count of 0 to 63. */
  public Assembler shr(GeneralRegister operand, int count) {
    return shift(Shift.SHR, operand, count);
  }

  /** SAR by a count of 0 to 63. */
  public Assembler sar(GeneralRegister operand, int count) {
    return shift(Shift.SAR, operand, count);
  }

  /** ROL by a count of 0 to 63. */
  public Assembler rol(GeneralRegister operand, int count) {
    return shift(Shift.ROL, operand, count);
  }

  /** ROR by a count of 0 to 63. */
  public Assembler ror(GeneralRegister operand, int count) {
    return shift(Shift.ROR, operand, count);
  }

  private Assembler shift(Shift shift, GeneralRegister operand, int count) {
    Size size = operand.size();
    String text = shift.name().toLowerCase(Locale.ROOT) + " " + operand + ", " + count;
    requireRange(text, "the count", count, 0, Math.max(size.bits(), Integer.SIZE) - 1);
    Instruction encoded =
        new Instruction(text, opcode(count == 1 ? 0xD0 : 0xC0, size))
            .size(size)
            .field(shift.number)
            .rm(operand);
    return emit(count == 1 ? encoded : encoded.immediate(count, 1), text);
  }

  /** BT: copies a bit to the carry flag. */
  public Assembler bt(GeneralRegister operand, int bit) {
    return bit("bt", 4, operand, bit);
  }

  /** BTS: and sets it. */
  public Assembler bts(GeneralRegister operand, int bit) {
    return bit("bts", 5, operand, bit);
  }

  /** BTR: and clears it. */
  public Assembler btr(GeneralRegister operand, int bit) {
    return bit("btr", 6, operand, bit);
  }

  /** BTS of a bit in memory. */
  public Assembler bts(Mem operand, int bit) {
    return bit("bts", 5, operand, bit);
  }

  /** BTR of a bit in memory. */
  public Assembler btr(Mem operand, int bit) {
    return bit("btr", 6, operand, bit);
  }

  private Assembler bit(String name, int number, GeneralRegister operand, int bit) {
    String text = name + " " + operand + ", " + bit;
    Size size = requireBit(text, operand.size(), bit);
    return emitLockable(
        whole ->
            new Instruction(whole, 0x0F, 0xBA)
                .size(size)
                .field(number)
                .rm(operand)
                .immediate(bit, 1),
        text,
        false);
  }

  private Assembler bit(String name, int number, Mem operand, int bit) {
    String text = name + " " + operand + ", " + bit;
    Size size = requireBit(text, requireSize(text, operand.size()), bit);
    return emitLockable(
        whole ->
            new Instruction(whole, 0x0F, 0xBA)
                .size(size)
                .field(number)
                .rm(operand)
                .immediate(bit, 1),
        text,
        true);
  }

  private static Size requireBit(String text, Size size, int bit) {
    requireNoByte(text, size);
    requireRange(text, "the bit", bit, 0, size.bits() - 1);
    return size;
  }

  /** XADD of memory: stores the sum, and loads what was there. */
  public Assembler xadd(Mem to, GeneralRegister register) {
    return exchange("xadd", 0xC0, to, register);
  }

  /** CMPXCHG of memory with the accumulator. */
  public Assembler cmpxchg(Mem to, GeneralRegister register) {
    return exchange("cmpxchg", 0xB0, to, register);
  }

  private Assembler exchange(String name, int opcode, Mem to, GeneralRegister register) {
    String text = name + " " + to + ", " + register;
    Size size = requireSame(text, register.size(), to.size());
    return emitLockable(
        whole -> new Instruction(whole, 0x0F, opcode(opcode, size)).size(size).reg(register).rm(to),
        text,
        true);
  }
}
