package dev.kmemu.gdb.agent;

import org.jspecify.annotations.Nullable;

/**
 * The instructions, by the names and numbers of the GDB manual (Bytecode Descriptions). Those that
 * the stub refuses have a number only, so that the refusal can name them.
 */
enum Opcode {
  ADD(0x02, 0, 2, 1),
  SUB(0x03, 0, 2, 1),
  MUL(0x04, 0, 2, 1),
  DIV_SIGNED(0x05, 0, 2, 1),
  DIV_UNSIGNED(0x06, 0, 2, 1),
  REM_SIGNED(0x07, 0, 2, 1),
  REM_UNSIGNED(0x08, 0, 2, 1),
  LSH(0x09, 0, 2, 1),
  RSH_SIGNED(0x0a, 0, 2, 1),
  RSH_UNSIGNED(0x0b, 0, 2, 1),
  TRACE(0x0c),
  TRACE_QUICK(0x0d),
  LOG_NOT(0x0e, 0, 1, 1),
  BIT_AND(0x0f, 0, 2, 1),
  BIT_OR(0x10, 0, 2, 1),
  BIT_XOR(0x11, 0, 2, 1),
  BIT_NOT(0x12, 0, 1, 1),
  EQUAL(0x13, 0, 2, 1),
  LESS_SIGNED(0x14, 0, 2, 1),
  LESS_UNSIGNED(0x15, 0, 2, 1),
  EXT(0x16, 1, 1, 1),
  REF8(0x17, 0, 1, 1),
  REF16(0x18, 0, 1, 1),
  REF32(0x19, 0, 1, 1),
  REF64(0x1a, 0, 1, 1),
  REF_FLOAT(0x1b),
  REF_DOUBLE(0x1c),
  REF_LONG_DOUBLE(0x1d),
  L_TO_D(0x1e),
  D_TO_L(0x1f),
  IF_GOTO(0x20, 2, 1, 0),
  GOTO(0x21, 2, 0, 0),
  CONST8(0x22, 1, 0, 1),
  CONST16(0x23, 2, 0, 1),
  CONST32(0x24, 4, 0, 1),
  CONST64(0x25, 8, 0, 1),
  REG(0x26, 2, 0, 1),
  END(0x27, 0, 0, 0),
  DUP(0x28, 0, 1, 2),
  POP(0x29, 0, 1, 0),
  ZERO_EXT(0x2a, 1, 1, 1),
  SWAP(0x2b, 0, 2, 2),
  GETV(0x2c),
  SETV(0x2d),
  TRACEV(0x2e),
  TRACENZ(0x2f),
  TRACE16(0x30),
  /** Needs as many values as its operand says, and leaves one more. */
  PICK(0x32, 1, 0, 1),
  ROT(0x33, 0, 3, 3),
  /** Takes a function, a channel and as many values as its operand says. */
  PRINTF(0x34, 1, 2, 0);

  private static final @Nullable Opcode[] BY_NUMBER = byNumber();

  private final int number;
  private final int operandBytes;
  private final int pops;
  private final int pushes;
  private final boolean served;

  Opcode(int number, int operandBytes, int pops, int pushes) {
    this(number, operandBytes, pops, pushes, true);
  }

  Opcode(int number) {
    this(number, 0, 0, 0, false);
  }

  Opcode(int number, int operandBytes, int pops, int pushes, boolean served) {
    this.number = number;
    this.operandBytes = operandBytes;
    this.pops = pops;
    this.pushes = pushes;
    this.served = served;
  }

  /** Returns the instruction with {@code number}, 0 to 255, when there is one. */
  static @Nullable Opcode of(int number) {
    return number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  /** Returns how many bytes follow as one big-endian number. */
  int operandBytes() {
    return operandBytes;
  }

  int pops() {
    return pops;
  }

  int pushes() {
    return pushes;
  }

  /** Whether the stub executes it: no floating point, no tracing, no trace variables. */
  boolean isServed() {
    return served;
  }

  private static @Nullable Opcode[] byNumber() {
    @Nullable Opcode[] opcodes = new Opcode[PRINTF.number + 1];
    for (Opcode opcode : values()) {
      opcodes[opcode.number] = opcode;
    }
    return opcodes;
  }
}
