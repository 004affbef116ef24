package dev.kmemu.emulator.trap;

import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import dev.kmemu.emulator.unicorn.AnonymousMapping;
import dev.kmemu.emulator.unicorn.UnicornLoader;
import java.util.HexFormat;

/**
 * A CPU in long mode with its own GDT, IDT and TSS, whose exceptions go through a {@link
 * TrapRouter}. The first 4 MiB are mapped one to one for everybody; there is nothing above.
 */
final class GuestKernel implements AutoCloseable {

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
  private static final long GDT = 0x7000;
  private static final long TSS = 0x8000;
  private static final long TSS_IST1 = 0x24;
  private static final long OPEN = 7;
  private static final long LARGE = 0x80;

  final PhysicalMemory ram = new PhysicalMemory(new AnonymousMapping(4 << 20));
  final CpuEngine cpu = UnicornLoader.load().createCpu(ram);
  final TrapRouter router = new TrapRouter(ram);

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
    set(Register.TR_BASE, TSS);
    set(Register.TR_LIMIT, 0x67);
    set(Register.CS, CS);
    set(Register.SS, SS);
    set(Register.RSP, STACK);
    set(Register.RIP, CODE);
    code(HANDLER, "f4"); // hlt
    cpu.setTrapHandler(router);
  }

  void gate(int vector, int type, int ist) {
    gate(vector, type, ist, CS);
  }

  void gate(int vector, int type, int ist, int selector) {
    long at = IDT + vector * 16L;
    store(
        at,
        (HANDLER & 0xFFFF)
            | (long) selector << 16
            | (long) ist << 32
            | (long) type << 40
            | (HANDLER >>> 16) << 48);
    store(at + 8, HANDLER >>> 32);
  }

  void ist(int number, long top) {
    store(TSS + TSS_IST1 + (number - 1) * 8L, top);
  }

  void code(long address, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ram.write(new PhysicalAddress(address), bytes, 0, bytes.length);
  }

  void store(long address, long value) {
    ram.store64(new PhysicalAddress(address), value);
  }

  long load(long address) {
    return ram.load64(new PhysicalAddress(address));
  }

  void set(Register register, long value) {
    cpu.registers().write(register, value);
  }

  long get(Register register) {
    return cpu.registers().read(register);
  }

  @Override
  public void close() {
    cpu.close();
    ram.close();
  }
}
