package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;

/**
 * Decodes the few instructions that are intercepted, because an intercept tells neither their
 * length nor their operands (Intel SDM vol. 2A, 2.1).
 */
final class InterceptedInstruction {

  /** What {@link #operand} returns when the operand is in memory. */
  static final int MEMORY = -1;

  /** What {@link #operand} returns for CLTS, which has no operand. */
  static final int NO_OPERAND = -2;

  private static final int LONGEST = 15;
  private static final int HLT = 0xF4;
  private static final int INT1 = 0xF1;
  private static final int INT3 = 0xCC;
  private static final int INT = 0xCD;
  private static final int INTO = 0xCE;
  private static final int BREAKPOINT = 3;
  private static final int OVERFLOW = 4;
  private static final int RET_AND_POP = 0xC2;
  private static final int RET = 0xC3;
  private static final int GROUP_5 = 0xFF;
  private static final int CALL_EXTENSION = 2;
  private static final int TWO_BYTE = 0x0F;
  private static final int GROUP_7 = 0x01;
  private static final int CLTS = 0x06;
  private static final int SYSCALL = 0x05;
  private static final int SYSENTER = 0x34;
  private static final int SYSEXIT = 0x35;
  private static final int SYSRET = 0x07;
  private static final int MOV_FROM_CR = 0x20;
  private static final int MOV_TO_CR = 0x22;
  private static final int MOV_TO_DR = 0x23;
  private static final int LMSW_EXTENSION = 6;
  private static final int RDTSCP = 0xF9;
  private static final int REGISTER_FORM = 0xC0;

  private final VirtualMemory memory;
  private final UnicornState state;
  private final byte[] bytes = new byte[LONGEST];
  private int length;
  private int operand;
  private boolean isLmsw;
  private boolean isRdtscp;
  private boolean isHalt;
  private boolean isInt1;
  private boolean isSysret;
  private boolean isSystemCall;
  private int softwareVector;
  private int branchStackBytes;

  InterceptedInstruction(VirtualMemory memory, UnicornState state) {
    this.memory = memory;
    this.state = state;
  }

  /** Decodes the instruction at RIP. */
  void decode() {
    int available = fetch();
    boolean in64BitMode = state.in64BitMode();
    int rex = 0;
    int at = 0;
    while (at < available && isPrefix(bytes[at] & 0xFF, in64BitMode)) {
      int prefix = bytes[at] & 0xFF;
      rex = in64BitMode && (prefix & 0xF0) == 0x40 ? prefix : 0;
      at++;
    }
    operand = NO_OPERAND;
    isLmsw = false;
    isRdtscp = false;
    branchStackBytes = 0;
    isSysret = false;
    isSystemCall = false;
    isHalt = at < available && (bytes[at] & 0xFF) == HLT;
    isInt1 = at < available && (bytes[at] & 0xFF) == INT1;
    if (at + 1 >= available || (bytes[at] & 0xFF) != TWO_BYTE) {
      length = at + 1;
      decodeBranch(at, available);
      decodeInterrupt(at, available);
      return;
    }
    int opcode = bytes[at + 1] & 0xFF;
    isSysret = opcode == SYSRET;
    isSystemCall = isSysret || opcode == SYSCALL || opcode == SYSENTER || opcode == SYSEXIT;
    length = at + 2;
    boolean isMove = opcode == MOV_FROM_CR || opcode == MOV_TO_CR || opcode == MOV_TO_DR;
    if (isMove || opcode == GROUP_7) {
      int modrm = at + 2 < available ? bytes[at + 2] & 0xFF : 0;
      length++;
      isRdtscp = opcode == GROUP_7 && modrm == RDTSCP;
      isLmsw = opcode == GROUP_7 && ((modrm >>> 3) & 7) == LMSW_EXTENSION;
      boolean inRegister = isMove || modrm >= REGISTER_FORM;
      operand = inRegister ? (modrm & 7) | (rex & 1) << 3 : MEMORY;
    } else if (opcode == CLTS) {
      operand = NO_OPERAND;
    }
  }

  private void decodeBranch(int at, int available) {
    int opcode = at < available ? bytes[at] & 0xFF : 0;
    branchStackBytes =
        switch (opcode) {
          case RET -> Long.BYTES;
          case RET_AND_POP ->
              at + 2 < available
                  ? Long.BYTES + ((bytes[at + 1] & 0xFF) | (bytes[at + 2] & 0xFF) << Byte.SIZE)
                  : Long.BYTES;
          case GROUP_5 ->
              at + 1 < available && ((bytes[at + 1] >>> 3) & 7) == CALL_EXTENSION ? -Long.BYTES : 0;
          default -> 0;
        };
  }

  private void decodeInterrupt(int at, int available) {
    switch (at < available ? bytes[at] & 0xFF : 0) {
      case INT3 -> softwareVector = BREAKPOINT;
      case INTO -> softwareVector = OVERFLOW;
      case INT -> {
        softwareVector = at + 1 < available ? bytes[at + 1] & 0xFF : 0;
        length = at + 2;
      }
      default -> softwareVector = 0;
    }
  }

  /** Whether it is SYSRET. */
  boolean isSysret() {
    return isSysret;
  }

  /** Whether it is SYSCALL, SYSRET, SYSENTER or SYSEXIT. */
  boolean isSystemCall() {
    return isSystemCall;
  }

  /** Whether it is INT1. */
  boolean isInt1() {
    return isInt1;
  }

  /** Returns the vector of INT n, INT3 or INTO. */
  int softwareVector() {
    return softwareVector;
  }

  /** Returns by how much a near CALL or RET of 64-bit mode moves RSP, 0 for other instructions. */
  int branchStackBytes() {
    return branchStackBytes;
  }

  /** Returns the length in bytes; that of an operand in memory isn't counted. */
  int length() {
    return length;
  }

  /** Returns the encoding of the general register that is moved to or from a special register. */
  int operand() {
    return operand;
  }

  /** Whether it is LMSW, which sets the low 4 bits of CR0 only and can't clear PE. */
  boolean isLmsw() {
    return isLmsw;
  }

  /** Whether it is RDTSCP. */
  boolean isRdtscp() {
    return isRdtscp;
  }

  /** Whether it is HLT. */
  boolean isHalt() {
    return isHalt;
  }

  private int fetch() {
    PagingMode mode =
        PagingMode.of(state.cr0(), state.cr3(), state.cr4(), state.efer(), state.rawRflags());
    return memory.read(mode, new VirtualAddress(state.linearRip()), bytes, 0, LONGEST);
  }

  private static boolean isPrefix(int value, boolean in64BitMode) {
    return switch (value) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> in64BitMode && (value & 0xF0) == 0x40;
    };
  }
}
