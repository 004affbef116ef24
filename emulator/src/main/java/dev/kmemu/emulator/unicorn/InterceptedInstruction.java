package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.emulator.mmu.PagingMode;
import dev.kmemu.emulator.mmu.VirtualMemory;

/**
 * Decodes the few instructions that are intercepted, because an intercept tells neither their
 * length nor their operands (Intel SDM vol. 2A, 2.1).
 */
final class InterceptedInstruction {

  /** What {@link #source} returns when the operand is in memory. */
  static final int MEMORY = -1;

  /** What {@link #source} returns for CLTS, which has no operand. */
  static final int NO_OPERAND = -2;

  private static final int LONGEST = 15;
  private static final int HLT = 0xF4;
  private static final int TWO_BYTE = 0x0F;
  private static final int GROUP_7 = 0x01;
  private static final int CLTS = 0x06;
  private static final int MOV_TO_CR = 0x22;
  private static final int LMSW_EXTENSION = 6;
  private static final int REGISTER_FORM = 0xC0;

  private final VirtualMemory memory;
  private final UnicornState state;
  private final byte[] bytes = new byte[LONGEST];
  private int length;
  private int source;
  private boolean isLmsw;
  private boolean isHalt;

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
    source = NO_OPERAND;
    isLmsw = false;
    isHalt = at < available && (bytes[at] & 0xFF) == HLT;
    if (at + 1 >= available || (bytes[at] & 0xFF) != TWO_BYTE) {
      length = at + 1;
      return;
    }
    int opcode = bytes[at + 1] & 0xFF;
    length = at + 2;
    if (opcode == MOV_TO_CR || opcode == GROUP_7) {
      int modrm = at + 2 < available ? bytes[at + 2] & 0xFF : 0;
      length++;
      isLmsw = opcode == GROUP_7 && ((modrm >>> 3) & 7) == LMSW_EXTENSION;
      boolean inRegister = opcode == MOV_TO_CR || modrm >= REGISTER_FORM;
      source = inRegister ? (modrm & 7) | (rex & 1) << 3 : MEMORY;
    } else if (opcode == CLTS) {
      source = NO_OPERAND;
    }
  }

  /** Returns the length in bytes; that of an operand in memory isn't counted. */
  int length() {
    return length;
  }

  /** Returns the encoding of the general register that is moved to a control register. */
  int source() {
    return source;
  }

  /** Whether it is LMSW, which sets the low 4 bits of CR0 only and can't clear PE. */
  boolean isLmsw() {
    return isLmsw;
  }

  /** Whether it is HLT. */
  boolean isHalt() {
    return isHalt;
  }

  /** Returns the linear address of the instruction at RIP. */
  long linear() {
    long linear = state.base(SegmentRegister.CS) + state.rip();
    return state.in64BitMode() ? linear : linear & 0xFFFF_FFFFL;
  }

  private int fetch() {
    PagingMode mode =
        PagingMode.of(state.cr0(), state.cr3(), state.cr4(), state.efer(), state.rawRflags());
    return memory.read(mode, new VirtualAddress(linear()), bytes, 0, LONGEST);
  }

  private static boolean isPrefix(int value, boolean in64BitMode) {
    return switch (value) {
      case 0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65, 0x66, 0x67, 0xF0, 0xF2, 0xF3 -> true;
      default -> in64BitMode && (value & 0xF0) == 0x40;
    };
  }
}
