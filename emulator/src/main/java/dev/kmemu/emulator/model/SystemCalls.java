package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;

/** SYSCALL and SYSENTER (Intel SDM vol. 2B; vol. 3A, 5.8.7 and 5.8.8). */
final class SystemCalls {

  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int SFMASK = 0xC000_0084;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;

  private static final long CR0_PE = 1;
  private static final long EFER_SCE = 1;
  private static final long EFER_LMA = 1L << 10;
  private static final long RFLAGS_IF = 1L << 9;
  private static final long RFLAGS_RF = 1L << 16;
  private static final long RFLAGS_VM = 1L << 17;

  private static final int RCX = 1;
  private static final int RSP = 4;
  private static final int R11 = 11;
  private static final int RPL = 3;
  private static final int FLAT = -1;
  private static final int STAR_KERNEL = 32;

  private SystemCalls() {}

  static Completion syscall(CpuState cpu) {
    boolean in64BitMode =
        (cpu.efer() & EFER_LMA) != 0
            && (cpu.attributes(SegmentRegister.CS) & SegmentAttributes.LONG) != 0;
    if ((cpu.efer() & EFER_SCE) == 0 || !in64BitMode) {
      return Completion.INVALID_OPCODE;
    }
    long flags = cpu.rflags();
    cpu.setGeneral(RCX, cpu.rip());
    cpu.setGeneral(R11, flags & ~RFLAGS_RF);
    cpu.setRip(cpu.msr(LSTAR));
    cpu.setRflags(flags & ~(cpu.msr(SFMASK) | RFLAGS_RF));
    enter(cpu, (int) (cpu.msr(STAR) >>> STAR_KERNEL), SegmentAttributes.CODE_64);
    return Completion.DONE;
  }

  static Completion sysenter(CpuState cpu) {
    int selector = (int) cpu.msr(SYSENTER_CS);
    if ((cpu.cr0() & CR0_PE) == 0 || (selector & ~RPL) == 0) {
      return Completion.GENERAL_PROTECTION;
    }
    boolean longMode = (cpu.efer() & EFER_LMA) != 0;
    long width = longMode ? -1L : 0xFFFF_FFFFL;
    cpu.setRflags(cpu.rflags() & ~(RFLAGS_VM | RFLAGS_IF | RFLAGS_RF));
    cpu.setRip(cpu.msr(SYSENTER_EIP) & width);
    cpu.setGeneral(RSP, cpu.msr(SYSENTER_ESP) & width);
    enter(cpu, selector, longMode ? SegmentAttributes.CODE_64 : SegmentAttributes.CODE_32);
    return Completion.DONE;
  }

  private static void enter(CpuState cpu, int selector, int code) {
    int base = selector & 0xFFFF & ~RPL;
    cpu.load(SegmentRegister.CS, base, 0, FLAT, code);
    cpu.load(SegmentRegister.SS, base + 8, 0, FLAT, SegmentAttributes.DATA);
  }
}
