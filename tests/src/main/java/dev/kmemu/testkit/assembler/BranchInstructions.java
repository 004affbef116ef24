package dev.kmemu.testkit.assembler;

/** Jumps, calls, and what depends on flags. Branches to labels are as short as they can be. */
abstract class BranchInstructions extends BitInstructions {

  private static final int SHORT_JUMP = 0xEB;
  private static final int SHORT_CONDITIONAL = 0x70;

  /** JMP to a label. */
  public Assembler jmp(Label to) {
    String text = "jmp " + to;
    return branch(text, to, SHORT_JUMP, 0xE9);
  }

  /** JMP to the address in a register. */
  public Assembler jmp(R64 to) {
    String text = "jmp " + to;
    return emit(new Instruction(text, 0xFF).field(4).rm(to), text);
  }

  /** JMP to the address in memory. */
  public Assembler jmp(Mem to) {
    String text = "jmp " + to;
    requireQword(text, to.size());
    return emit(new Instruction(text, 0xFF).field(4).rm(to), text);
  }

  /** Jcc to a label. */
  public Assembler j(Condition condition, Label to) {
    return branch(
        "j" + condition.suffix() + " " + to,
        to,
        SHORT_CONDITIONAL | condition.encoding(),
        0x0F,
        0x80 | condition.encoding());
  }

  /** JZ: {@code j(E, to)}. */
  public Assembler jz(Label to) {
    return j(Condition.E, to);
  }

  /** JNZ: {@code j(NE, to)}. */
  public Assembler jnz(Label to) {
    return j(Condition.NE, to);
  }

  /** CALL of a label. */
  public Assembler call(Label to) {
    String text = "call " + to;
    return branch(text, to, 0, 0xE8);
  }

  /** CALL of the address in a register. */
  public Assembler call(R64 to) {
    String text = "call " + to;
    return emit(new Instruction(text, 0xFF).field(2).rm(to), text);
  }

  /** RET. */
  public Assembler ret() {
    return emit(new Instruction("ret", 0xC3), "ret");
  }

  /** SETcc. */
  public Assembler set(Condition condition, R8 to) {
    String text = "set" + condition.suffix() + " " + to;
    return emit(new Instruction(text, 0x0F, 0x90 | condition.encoding()).field(0).rm(to), text);
  }

  private Assembler branch(String text, Label to, int shortOpcode, int... opcode) {
    byte[] code = new byte[opcode.length + Integer.BYTES];
    for (int i = 0; i < opcode.length; i++) {
      code[i] = (byte) opcode[i];
    }
    return addWithoutLock(Fragment.branch(text, code, to, shortOpcode));
  }
}
