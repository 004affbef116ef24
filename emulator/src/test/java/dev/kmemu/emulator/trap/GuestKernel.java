package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;

/**
 * A CPU in long mode with its own GDT, IDT and TSS, whose exceptions go through a {@link
 * TrapRouter}. The first 4 MiB are mapped one to one for everybody; there is nothing above.
 */
final class GuestKernel extends GuestCpu {

  static final long CODE = 0x10_0000;
  static final long HANDLER = 0x11_0200;
  static final long STACK = 0x12_0000;
  static final long IST_STACK = 0x13_0000;
  static final long USER_CODE = 0x14_0000;
  static final long USER_STACK = 0x15_0000;
  static final long DATA = 0x20_0000;
  static final long UNMAPPED = 0x40_0000;

  static final int CS = 0x08;
  static final int SS = 0x10;
  static final int USER_CS = 0x1B;
  static final int USER_SS = 0x23;

  static final int INTERRUPT_GATE = 0x8E;
  static final int TRAP_GATE = 0x8F;

  private static final long PML4 = 0x1000;
  private static final long IDT = 0x6000;
  static final long GDT = 0x7000;
  static final long TSS = 0x8000;
  private static final long TSS_RSP0 = 4;
  private static final long TSS_IST1 = 0x24;
  private static final long OPEN = 7;
  private static final long LARGE = 0x80;

  GuestKernel() {
    store(PML4, 0x2000 | OPEN);
    store(0x2000, 0x3000 | OPEN);
    store(0x3000, OPEN | LARGE);
    store(0x3008, DATA | OPEN | LARGE);
    store(GDT + CS, 0x0020_9A00_0000_0000L);
    store(GDT + SS, 0x0000_9200_0000_0000L);
    store(GDT + (USER_CS & -8), 0x0020_FA00_0000_0000L);
    store(GDT + (USER_SS & -8), 0x0000_F200_0000_0000L);
    set(Register.EFER, 0xD01);
    set(Register.CR4, 0x620);
    set(Register.CR3, PML4);
    set(Register.CR0, 0x8005_0033L);
    set(Register.GDTR_BASE, GDT);
    set(Register.GDTR_LIMIT, 0x27);
    set(Register.IDTR_BASE, IDT);
    set(Register.IDTR_LIMIT, 0xFFF);
    cpu.state().load(SegmentRegister.CS, CS, 0, -1, SegmentAttributes.CODE_64);
    cpu.state().load(SegmentRegister.SS, SS, 0, -1, SegmentAttributes.DATA);
    cpu.state().load(SegmentRegister.TR, 0x48, TSS, 0x67, SegmentAttributes.PRESENT | 0xB << 8);
    set(Register.RSP, STACK);
    set(Register.RIP, CODE);
    code(HANDLER, "f4"); // hlt
  }

  void gate(int vector, int type, int ist) {
    gate(vector, type, ist, CS);
  }

  void gate(int vector, int type, int ist, int selector) {
    gate(vector, type, ist, selector, HANDLER);
  }

  void gate(int vector, int type, int ist, int selector, long target) {
    long at = IDT + vector * 16L;
    store(
        at,
        (target & 0xFFFF)
            | (long) selector << 16
            | (long) ist << 32
            | (long) type << 40
            | ((target >>> 16) & 0xFFFF) << 48);
    store(at + 8, target >>> 32);
  }

  /** Fills the IDT: each vector goes to its own handler, #DF and #PF on stacks of their own. */
  void gates() {
    ist(1, IST_STACK);
    ist(2, IST_STACK - 0x1000);
    for (int vector = 0; vector < 256; vector++) {
      gateTo(vector, vector == 14 ? 1 : vector == 8 ? 2 : 0);
    }
  }

  /** Sets a gate to the vector's own handler. */
  void gateTo(int vector, int ist) {
    gate(vector, INTERRUPT_GATE, ist, CS, handler(vector));
  }

  /** Goes to ring 3, at {@link #USER_CODE}; what faults there finds RSP0 and a full IDT. */
  void userMode(String hex) {
    gates();
    store(TSS + TSS_RSP0, STACK);
    code(USER_CODE, hex);
    enterRing(3, SegmentAttributes.CODE_64, USER_CS, USER_SS);
    set(Register.RSP, USER_STACK);
    set(Register.RIP, USER_CODE);
  }

  void ist(int number, long top) {
    store(TSS + TSS_IST1 + (number - 1) * 8L, top);
  }
}
