package dev.kmemu.emulator.unicorn;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterGroup;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import java.nio.ByteBuffer;

/** The CPU after power-up or RESET (Intel SDM vol. 3A, table 9-1). */
final class ResetState {

  private static final int GENERAL_REGISTERS = 16;
  private static final int RDX = 2;

  /** The signature of CPUID leaf 1. */
  private static final long SIGNATURE = 0x0005_0654;

  private static final long CR0 = 0x6000_0010;
  private static final long DR6 = 0xFFFF_0FF0L;
  private static final long DR7 = 0x400;
  private static final int ADDRESS_BREAKPOINTS = 4;
  private static final long FPU_CONTROL = 0x40;
  private static final long FPU_TAGS = 0x5555;
  private static final long MEDIA_CONTROL = 0x1F80;
  private static final int LIMIT = 0xFFFF;
  private static final int CODE_SELECTOR = 0xF000;
  private static final long CODE_BASE = 0xFFFF_0000L;
  private static final long FIRST_INSTRUCTION = 0xFFF0;

  private static final int DATA_16 =
      SegmentAttributes.PRESENT
          | SegmentAttributes.NOT_SYSTEM
          | SegmentAttributes.WRITABLE
          | SegmentAttributes.ACCESSED;
  private static final int CODE_16 = DATA_16 | SegmentAttributes.CODE;
  private static final int LOCAL_TABLE = SegmentAttributes.PRESENT | 2 << 8;
  private static final int BUSY_TASK = SegmentAttributes.PRESENT | 0xB << 8;

  private static final int PAT = 0x277;
  private static final long PAT_AT_RESET = 0x0007_0406_0007_0406L;
  private static final int[] CLEAR_MSRS = {
    0x174,
    0x175,
    0x176,
    0xC000_0081,
    0xC000_0082,
    0xC000_0083,
    0xC000_0084,
    0xC000_0102,
    0xC000_0103
  };

  private final UnicornState state;
  private final ByteBuffer live;
  private final ContextLayout layout;

  ResetState(UnicornState state) {
    this.state = state;
    this.live = state.live;
    this.layout = state.layout;
  }

  /** Loads it; translations must be dropped afterwards. */
  void load() {
    for (int i = 0; i < GENERAL_REGISTERS; i++) {
      state.setGeneral(i, i == RDX ? SIGNATURE : 0);
    }
    loadControl();
    state.setRflags(0);
    loadSegments();
    state.setRip(FIRST_INSTRUCTION);
    for (int msr : CLEAR_MSRS) {
      state.setMsr(msr, 0);
    }
    state.setMsr(PAT, PAT_AT_RESET);
    loadFloatingPoint();
  }

  private void loadControl() {
    live.putLong(layout.efer(), 0);
    live.putLong(layout.cr(0), CR0);
    live.putLong(layout.cr2(), 0);
    live.putLong(layout.cr3(), 0);
    live.putLong(layout.cr(4), 0);
    live.putInt(layout.hflags(), Intercept.GUEST_FLAG);
    state.endNmi();
    state.setTaskPriority(0);
    for (int i = 0; i < ADDRESS_BREAKPOINTS; i++) {
      live.putLong(layout.dr(i), 0);
    }
    state.setDr6(DR6);
    state.setDr7(DR7);
  }

  private void loadSegments() {
    state.load(SegmentRegister.CS, CODE_SELECTOR, CODE_BASE, LIMIT, CODE_16);
    for (SegmentRegister segment : SegmentRegister.values()) {
      if (!segment.isSystem() && segment != SegmentRegister.CS) {
        state.load(segment, 0, 0, LIMIT, DATA_16);
      }
    }
    state.load(SegmentRegister.LDTR, 0, 0, LIMIT, LOCAL_TABLE);
    state.load(SegmentRegister.TR, 0, 0, LIMIT, BUSY_TASK);
    live.putLong(layout.gdtBase(), 0);
    live.putInt(layout.gdtLimit(), LIMIT);
    live.putLong(layout.idtBase(), 0);
    live.putInt(layout.idtLimit(), LIMIT);
  }

  private void loadFloatingPoint() {
    UnicornRegisters registers = state.registers;
    byte[] zero = new byte[Register.YMM0.bytes()];
    for (Register register : Register.values()) {
      boolean wide =
          register.group() == RegisterGroup.VECTOR || register.group() == RegisterGroup.X87;
      if (wide && registers.has(register)) {
        registers.write(register, zero, 0);
      }
    }
    registers.write(Register.FCTRL, FPU_CONTROL);
    registers.write(Register.FTAG, FPU_TAGS);
    registers.write(Register.MXCSR, MEDIA_CONTROL);
  }
}
