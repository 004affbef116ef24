package dev.kmemu.testkit.assembler;

import org.jspecify.annotations.Nullable;

/** MOV and its kin, LEA, PUSH and POP. */
abstract class MoveInstructions extends Emitter {

  private static final int SEGMENTS = 6;

  /** MOV between registers of one size. */
  public Assembler mov(GeneralRegister to, GeneralRegister from) {
    String text = "mov " + to + ", " + from;
    Size size = requireSame(text, to.size(), from.size());
    return emit(new Instruction(text, opcode(0x88, size)).size(size).reg(from).rm(to), text);
  }

  /** MOV from memory. */
  public Assembler mov(GeneralRegister to, Mem from) {
    String text = "mov " + to + ", " + from;
    Size size = requireSame(text, to.size(), from.size());
    return emit(new Instruction(text, opcode(0x8A, size)).size(size).reg(to).rm(from), text);
  }

  /** MOV to memory. */
  public Assembler mov(Mem to, GeneralRegister from) {
    String text = "mov " + to + ", " + from;
    Size size = requireSame(text, from.size(), to.size());
    return emit(new Instruction(text, opcode(0x88, size)).size(size).reg(from).rm(to), text);
  }

  /** MOV of an immediate; of all 64 bits, where the register has them. */
  public Assembler mov(GeneralRegister to, long value) {
    String text = "mov " + to + ", " + decimal(value);
    Size size = to.size();
    if (size != Size.QWORD) {
      requireImmediate(text, size, value);
      int opcode = size == Size.BYTE ? 0xB0 : 0xB8;
      Instruction move = new Instruction(text, opcode).size(size).inOpcode(to);
      return emit(move.immediate(value, size.bytes()), text);
    }
    if (value == (int) value) {
      Instruction move = new Instruction(text, 0xC7).size(size).field(0).rm(to);
      return emit(move.immediate(value, Integer.BYTES), text);
    }
    Instruction move = new Instruction(text, 0xB8).size(size).inOpcode(to);
    return emit(move.immediate(value, Long.BYTES), text);
  }

  /** MOV of an immediate to memory; of a qword, 32 bits sign-extended. */
  public Assembler mov(Mem to, long value) {
    String text = "mov " + to + ", " + decimal(value);
    Size size = requireSize(text, to.size());
    requireImmediate(text, size, value);
    Instruction move = new Instruction(text, opcode(0xC6, size)).size(size).field(0).rm(to);
    return emit(move.immediate(value, size.immediateBytes()), text);
  }

  /** MOV from a control or debug register. */
  public Assembler mov(R64 to, SystemRegister from) {
    String text = "mov " + to + ", " + from.text();
    return emit(new Instruction(text, 0x0F, from.opcode()).field(from.encoding()).rm(to), text);
  }

  /** MOV to a control or debug register. */
  public Assembler mov(SystemRegister to, R64 from) {
    String text = "mov " + to.text() + ", " + from;
    return emit(new Instruction(text, 0x0F, to.opcode() + 2).field(to.encoding()).rm(from), text);
  }

  /** MOVZX from a byte or a word. */
  public Assembler movzx(GeneralRegister to, GeneralRegister from) {
    String text = "movzx " + to + ", " + from;
    return emit(widening(text, to, from.size(), 0xB6).rm(from), text);
  }

  /** MOVZX from a byte or a word in memory. */
  public Assembler movzx(GeneralRegister to, Mem from) {
    String text = "movzx " + to + ", " + from;
    return emit(widening(text, to, requireSize(text, from.size()), 0xB6).rm(from), text);
  }

  /** MOVSX from a byte or a word. */
  public Assembler movsx(GeneralRegister to, GeneralRegister from) {
    String text = "movsx " + to + ", " + from;
    return emit(widening(text, to, from.size(), 0xBE).rm(from), text);
  }

  /** MOVSXD: a doubleword, sign-extended. */
  public Assembler movsxd(R64 to, R32 from) {
    String text = "movsxd " + to + ", " + from;
    return emit(new Instruction(text, 0x63).size(Size.QWORD).reg(to).rm(from), text);
  }

  /** LEA. */
  public Assembler lea(R64 to, Mem address) {
    String text = "lea " + to + ", " + address;
    return emit(new Instruction(text, 0x8D).size(Size.QWORD).reg(to).rm(address), text);
  }

  /** XCHG with memory, atomic with or without LOCK. */
  public Assembler xchg(Mem place, GeneralRegister register) {
    Size size = requireSame("xchg " + place + ", " + register, register.size(), place.size());
    return emitLockable(
        text -> new Instruction(text, opcode(0x86, size)).size(size).reg(register).rm(place),
        "xchg " + place + ", " + register,
        true);
  }

  /** PUSH of 64 bits. */
  public Assembler push(R64 register) {
    String text = "push " + register;
    return emit(new Instruction(text, 0x50).inOpcode(register), text);
  }

  /** PUSH of 32 bits, sign-extended. */
  public Assembler push(int value) {
    String text = "push " + value;
    boolean small = value == (byte) value;
    return emit(
        new Instruction(text, small ? 0x6A : 0x68).immediate(value, small ? 1 : Integer.BYTES),
        text);
  }

  /** PUSH of 64 bits in memory. */
  public Assembler push(Mem place) {
    String text = "push " + place;
    requireQword(text, place.size());
    return emit(new Instruction(text, 0xFF).field(6).rm(place), text);
  }

  /** POP of 64 bits. */
  public Assembler pop(R64 register) {
    String text = "pop " + register;
    return emit(new Instruction(text, 0x58).inOpcode(register), text);
  }

  /**
   * MOV to a segment register.
   *
   * @param segment its number: ES 0, SS 2, DS 3, FS 4, GS 5
   */
  public Assembler movToSegment(int segment, R32 selector) {
    String text = "mov segment " + segment + ", " + selector;
    requireRange(text, "the segment", segment, 0, SEGMENTS - 1);
    if (segment == 1) {
      throw new AssemblerException(text, "CS is loaded by far returns and IRETQ alone");
    }
    String shown = "mov " + "es cs ss ds fs gs".split(" ", -1)[segment] + ", " + selector;
    return emit(new Instruction(shown, 0x8E).field(segment).rm(selector), shown);
  }

  private static Instruction widening(String text, GeneralRegister to, Size from, int opcode) {
    if (from.bytes() > Size.WORD.bytes() || from.bytes() >= to.size().bytes()) {
      throw new AssemblerException(
          text,
          "the source must be a byte or a word, and smaller than the destination: it has "
              + from.bits()
              + " bits of "
              + to.size().bits());
    }
    return new Instruction(text, 0x0F, opcode(opcode, from == Size.BYTE ? from : Size.QWORD))
        .size(to.size())
        .reg(to);
  }

  /** Returns the opcode of an instruction whose lowest bit tells bytes from what is larger. */
  static int opcode(int ofBytes, Size size) {
    return size == Size.BYTE ? ofBytes : ofBytes | 1;
  }

  static void requireQword(String text, @Nullable Size size) {
    if (size != Size.QWORD) {
      throw new AssemblerException(text, "the operand must be a qword: qwordPtr");
    }
  }
}
