package dev.kmemu.emulator.cpu;

import static dev.kmemu.emulator.cpu.RegisterGroup.CONTROL;
import static dev.kmemu.emulator.cpu.RegisterGroup.DEBUG;
import static dev.kmemu.emulator.cpu.RegisterGroup.DESCRIPTOR_TABLE;
import static dev.kmemu.emulator.cpu.RegisterGroup.GENERAL;
import static dev.kmemu.emulator.cpu.RegisterGroup.MODEL_SPECIFIC;
import static dev.kmemu.emulator.cpu.RegisterGroup.SEGMENT;
import static dev.kmemu.emulator.cpu.RegisterGroup.SEGMENT_BASE;
import static dev.kmemu.emulator.cpu.RegisterGroup.VECTOR;
import static dev.kmemu.emulator.cpu.RegisterGroup.X87;

/** The architectural registers by their Intel SDM names. */
public enum Register {
  RAX(GENERAL, 64),
  RBX(GENERAL, 64),
  RCX(GENERAL, 64),
  RDX(GENERAL, 64),
  RSI(GENERAL, 64),
  RDI(GENERAL, 64),
  RBP(GENERAL, 64),
  RSP(GENERAL, 64),
  R8(GENERAL, 64),
  R9(GENERAL, 64),
  R10(GENERAL, 64),
  R11(GENERAL, 64),
  R12(GENERAL, 64),
  R13(GENERAL, 64),
  R14(GENERAL, 64),
  R15(GENERAL, 64),
  RIP(GENERAL, 64),
  RFLAGS(GENERAL, 64),

  CS(SEGMENT, 16),
  SS(SEGMENT, 16),
  DS(SEGMENT, 16),
  ES(SEGMENT, 16),
  FS(SEGMENT, 16),
  GS(SEGMENT, 16),

  FS_BASE(SEGMENT_BASE, 64),
  GS_BASE(SEGMENT_BASE, 64),
  KERNEL_GS_BASE(SEGMENT_BASE, 64),

  CR0(CONTROL, 64),
  CR2(CONTROL, 64),
  CR3(CONTROL, 64),
  CR4(CONTROL, 64),
  CR8(CONTROL, 64),
  EFER(CONTROL, 64),

  DR0(DEBUG, 64),
  DR1(DEBUG, 64),
  DR2(DEBUG, 64),
  DR3(DEBUG, 64),
  DR6(DEBUG, 64),
  DR7(DEBUG, 64),

  STAR(MODEL_SPECIFIC, 64),
  LSTAR(MODEL_SPECIFIC, 64),
  CSTAR(MODEL_SPECIFIC, 64),
  SFMASK(MODEL_SPECIFIC, 64),
  SYSENTER_CS(MODEL_SPECIFIC, 64),
  SYSENTER_ESP(MODEL_SPECIFIC, 64),
  SYSENTER_EIP(MODEL_SPECIFIC, 64),
  TSC_AUX(MODEL_SPECIFIC, 64),
  PAT(MODEL_SPECIFIC, 64),

  GDTR_BASE(DESCRIPTOR_TABLE, 64),
  GDTR_LIMIT(DESCRIPTOR_TABLE, 32),
  IDTR_BASE(DESCRIPTOR_TABLE, 64),
  IDTR_LIMIT(DESCRIPTOR_TABLE, 32),
  LDTR(DESCRIPTOR_TABLE, 16),
  LDTR_BASE(DESCRIPTOR_TABLE, 64),
  LDTR_LIMIT(DESCRIPTOR_TABLE, 32),
  TR(DESCRIPTOR_TABLE, 16),
  TR_BASE(DESCRIPTOR_TABLE, 64),
  TR_LIMIT(DESCRIPTOR_TABLE, 32),

  ST0(X87, 80),
  ST1(X87, 80),
  ST2(X87, 80),
  ST3(X87, 80),
  ST4(X87, 80),
  ST5(X87, 80),
  ST6(X87, 80),
  ST7(X87, 80),
  FCTRL(X87, 16),
  FSTAT(X87, 16),
  FTAG(X87, 16),
  FISEG(X87, 16),
  FIOFF(X87, 64),
  FOSEG(X87, 16),
  FOOFF(X87, 64),
  FOP(X87, 16),

  MXCSR(VECTOR, 32),
  XMM0(VECTOR, 128),
  XMM1(VECTOR, 128),
  XMM2(VECTOR, 128),
  XMM3(VECTOR, 128),
  XMM4(VECTOR, 128),
  XMM5(VECTOR, 128),
  XMM6(VECTOR, 128),
  XMM7(VECTOR, 128),
  XMM8(VECTOR, 128),
  XMM9(VECTOR, 128),
  XMM10(VECTOR, 128),
  XMM11(VECTOR, 128),
  XMM12(VECTOR, 128),
  XMM13(VECTOR, 128),
  XMM14(VECTOR, 128),
  XMM15(VECTOR, 128),
  YMM0(VECTOR, 256),
  YMM1(VECTOR, 256),
  YMM2(VECTOR, 256),
  YMM3(VECTOR, 256),
  YMM4(VECTOR, 256),
  YMM5(VECTOR, 256),
  YMM6(VECTOR, 256),
  YMM7(VECTOR, 256),
  YMM8(VECTOR, 256),
  YMM9(VECTOR, 256),
  YMM10(VECTOR, 256),
  YMM11(VECTOR, 256),
  YMM12(VECTOR, 256),
  YMM13(VECTOR, 256),
  YMM14(VECTOR, 256),
  YMM15(VECTOR, 256);

  private final RegisterGroup group;
  private final int bits;

  Register(RegisterGroup group, int bits) {
    this.group = group;
    this.bits = bits;
  }

  /** Returns the chapter of the manual that the register belongs to. */
  public RegisterGroup group() {
    return group;
  }

  /** Returns the width in bits. */
  public int bits() {
    return bits;
  }

  /** Returns the width in whole bytes. */
  public int bytes() {
    return bits / Byte.SIZE;
  }

  /** Whether the register doesn't fit in a {@code long}. */
  public boolean isWide() {
    return bits > Long.SIZE;
  }
}
