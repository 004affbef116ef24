package dev.kmemu.gdb.agent;

import org.jspecify.annotations.Nullable;

/**
 * One decoded instruction.
 *
 * @param offset where it begins in the bytes
 * @param operand its number; for a jump, the index of the instruction it goes to
 * @param register what {@code reg} reads
 * @param format what {@code printf} prints
 */
record Instruction(
    int offset,
    Opcode opcode,
    long operand,
    @Nullable AgentRegister register,
    @Nullable PrintfFormat format) {

  /** Returns how many values it needs on the stack. */
  int needs() {
    return switch (opcode) {
      case PICK -> (int) operand + 1;
      case PRINTF -> opcode.pops() + (int) operand;
      default -> opcode.pops();
    };
  }

  /** Returns how many more values, or less, are on the stack after it. */
  int growth() {
    return switch (opcode) {
      case PRINTF -> -needs();
      default -> opcode.pushes() - opcode.pops();
    };
  }

  /** Whether it may go to the instruction that its operand names. */
  boolean isJump() {
    return opcode == Opcode.GOTO || opcode == Opcode.IF_GOTO;
  }

  /** Whether the instruction after it in the bytes may be next. */
  boolean fallsThrough() {
    return opcode != Opcode.GOTO && opcode != Opcode.END;
  }

  Instruction withOperand(long value) {
    return new Instruction(offset, opcode, value, register, format);
  }

  @Override
  public String toString() {
    return opcode.name().toLowerCase(java.util.Locale.ROOT) + " at byte " + offset;
  }
}
