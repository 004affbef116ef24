package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;

/** A CPU in 32-bit protected mode without paging, with a GDT, an IDT and a TSS of its own. */
final class ProtectedKernel extends GuestCpu {

  static final int CODE = 0x10_0000;
  static final int STACK = 0x12_0000;
  static final int USER_CODE = 0x14_0000;
  static final int USER_STACK = 0x15_0000;
  static final int INNER_STACK = 0x16_0000;

  static final int CS = 0x08;
  static final int SS = 0x10;
  static final int USER_CS = 0x1B;
  static final int USER_SS = 0x23;
  static final int ABSENT = 0x28;
  static final int CONFORMING = 0x30;
  static final int STACK_16 = 0x38;

  static final int INTERRUPT_GATE = 0x8E;
  static final int TRAP_GATE = 0x8F;
  static final int INTERRUPT_GATE_16 = 0x86;
  static final int TRAP_GATE_16 = 0x87;
  static final int TASK_GATE = 0x85;
  static final int FOR_USER = 0x60;

  static final long IDT = 0x6000;
  static final long GDT = 0x7000;
  static final long TSS = 0x8000;

  private static final int BUSY_TSS_32 = SegmentAttributes.PRESENT | 0xB << 8;
  private static final int BUSY_TSS_16 = SegmentAttributes.PRESENT | 0x3 << 8;
  private static final int TSS_SELECTOR = 0x40;

  ProtectedKernel() {
    store(GDT + CS, 0x00CF_9A00_0000_FFFFL);
    store(GDT + SS, 0x00CF_9200_0000_FFFFL);
    store(GDT + (USER_CS & -8), 0x00CF_FA00_0000_FFFFL);
    store(GDT + (USER_SS & -8), 0x00CF_F200_0000_FFFFL);
    store(GDT + ABSENT, 0x00CF_1200_0000_FFFFL);
    store(GDT + CONFORMING, 0x00CF_9E00_0000_FFFFL);
    store(GDT + STACK_16, 0x0000_9200_0000_FFFFL);
    new EntryState.Protected32(CODE).apply(cpu);
    set(Register.GDTR_BASE, GDT);
    set(Register.GDTR_LIMIT, 0x47);
    set(Register.IDTR_BASE, IDT);
    set(Register.IDTR_LIMIT, 0x7FF);
    set(Register.RSP, STACK);
    useTss(true);
    store32(TSS + 4, INNER_STACK);
    store16(TSS + 8, SS);
    for (int vector = 0; vector < 256; vector++) {
      gate(vector, INTERRUPT_GATE, CS);
    }
  }

  void useTss(boolean wide) {
    cpu.state().load(SegmentRegister.TR, TSS_SELECTOR, TSS, 0x67, wide ? BUSY_TSS_32 : BUSY_TSS_16);
  }

  void gate(int vector, int type, int selector) {
    gate(vector, type, selector, handler(vector));
  }

  void gate(int vector, int type, int selector, long target) {
    store(
        IDT + vector * 8L,
        (target & 0xFFFF)
            | (long) selector << 16
            | (long) type << 40
            | ((target >>> 16) & 0xFFFF) << 48);
  }

  /** Goes to ring 3. */
  void userMode(String hex) {
    code(USER_CODE, hex);
    enterRing(3, SegmentAttributes.CODE_32, USER_CS, USER_SS);
    for (SegmentRegister data : new SegmentRegister[] {SegmentRegister.DS, SegmentRegister.ES}) {
      cpu.state().load(data, USER_SS, 0, -1, SegmentAttributes.withDpl(SegmentAttributes.DATA, 3));
    }
    set(Register.RSP, USER_STACK);
    set(Register.RIP, USER_CODE);
  }

  /** Returns a doubleword of the handler's stack. */
  int onStack(int index) {
    return load32(base() + (get(Register.RSP) & 0xFFFF_FFFFL) + 4L * index);
  }

  private long base() {
    CpuState state = cpu.state();
    return state.base(SegmentRegister.SS);
  }
}
