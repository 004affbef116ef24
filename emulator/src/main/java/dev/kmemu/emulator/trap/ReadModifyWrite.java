package dev.kmemu.emulator.trap;

/**
 * Tells instructions that read a memory operand and write it back; Intel SDM vol. 2, chapters 3 to
 * 5. 64-bit code; MOVS and the like, which write another operand than they read, aren't among them.
 */
final class ReadModifyWrite {

  /** The longest instruction. */
  static final int MOST_BYTES = 15;

  private static final int GROUP_1_CMP = 7;
  private static final int REGISTER_OPERAND = 3;

  private ReadModifyWrite() {}

  /**
   * Whether the instruction at the start of {@code code} is one.
   *
   * @param length how many bytes there are
   */
  static boolean is(byte[] code, int length) {
    int at = 0;
    while (at < length && isPrefix(code[at] & 0xFF)) {
      at++;
    }
    if (at < length && (code[at] & 0xF0) == 0x40) { // REX
      at++;
    }
    if (at + 1 >= length) {
      return false;
    }
    int opcode = code[at++] & 0xFF;
    boolean twoBytes = opcode == 0x0F;
    if (twoBytes) {
      opcode = code[at++] & 0xFF;
      if (at >= length) {
        return false;
      }
    }
    int modrm = code[at] & 0xFF;
    if (modrm >> 6 == REGISTER_OPERAND) {
      return false;
    }
    int extension = modrm >> 3 & 7;
    return twoBytes ? isTwoByte(opcode, extension) : isOneByte(opcode, extension);
  }

  private static boolean isPrefix(int code) {
    return switch (code) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> false;
    };
  }

  private static boolean isOneByte(int opcode, int extension) {
    if (opcode < 0x38) { // ADD OR ADC SBB AND SUB XOR with a memory destination
      return (opcode & 6) == 0;
    }
    return switch (opcode) {
      case 0x80, 0x81, 0x83 -> extension != GROUP_1_CMP;
      case 0x86, 0x87 -> true; // XCHG
      case 0xC0, 0xC1, 0xD0, 0xD1, 0xD2, 0xD3 -> true; // rotates and shifts
      case 0xF6, 0xF7 -> extension == 2 || extension == 3; // NOT, NEG
      case 0xFE, 0xFF -> extension <= 1; // INC, DEC
      default -> false;
    };
  }

  private static boolean isTwoByte(int opcode, int extension) {
    return switch (opcode) {
      case 0xA4, 0xA5, 0xAC, 0xAD -> true; // SHLD, SHRD
      case 0xAB, 0xB3, 0xBB -> true; // BTS, BTR, BTC
      case 0xBA -> extension >= 5; // the same with an immediate
      case 0xB0, 0xB1, 0xC0, 0xC1 -> true; // CMPXCHG, XADD
      case 0xC7 -> extension == 1; // CMPXCHG8B, CMPXCHG16B
      default -> false;
    };
  }
}
