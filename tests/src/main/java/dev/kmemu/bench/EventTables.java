package dev.kmemu.bench;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.HexFormat;

/** The code, the GDT and the IDT of a guest that serves its events itself, in the code area. */
final class EventTables {

  private static final long CODE_PA = 0x20_0000;
  private static final int GDT = 0x4000;
  private static final int GDT_LIMIT = 0x27;
  private static final int IDT = 0x5000;
  private static final int IDT_LIMIT = 0xFFF;
  private static final int GATE_BYTES = 16;
  private static final long INTERRUPT_GATE = 0x8EL << 40;
  private static final int KERNEL_CS = 0x08;
  private static final int KERNEL_SS = 0x10;
  private static final int USER_SS = 0x18;
  private static final int USER_CS = 0x20;

  private final PhysicalMemory ram;

  EventTables(PhysicalMemory ram) {
    this.ram = ram;
    store(GDT + KERNEL_CS, 0x0020_9B00_0000_0000L);
    store(GDT + KERNEL_SS, 0x0000_9300_0000_0000L);
    store(GDT + USER_SS, 0x0000_F300_0000_0000L);
    store(GDT + USER_CS, 0x0020_FB00_0000_0000L);
  }

  /** Loads the CPU's table registers, and the selectors of the kernel. */
  static void load(RegisterFile registers) {
    registers.write(Register.GDTR_BASE, GuestLayout.CODE + GDT);
    registers.write(Register.GDTR_LIMIT, GDT_LIMIT);
    registers.write(Register.IDTR_BASE, GuestLayout.CODE + IDT);
    registers.write(Register.IDTR_LIMIT, IDT_LIMIT);
    enterKernel(registers);
  }

  /** Loads the selectors of the kernel. */
  static void enterKernel(RegisterFile registers) {
    registers.write(Register.CS, KERNEL_CS);
    registers.write(Register.SS, KERNEL_SS);
  }

  /** Places code at an offset of the code area. */
  void place(int offset, String hex) {
    byte[] code = HexFormat.of().parseHex(hex.replace(" ", ""));
    ram.write(new PhysicalAddress(CODE_PA + offset), code, 0, code.length);
  }

  /** Lets the code at {@code handler}, an offset of the code area, serve {@code vector}. */
  void gate(int vector, int handler) {
    long address = GuestLayout.CODE + handler;
    int gate = IDT + vector * GATE_BYTES;
    store(
        gate,
        (address & 0xFFFF) | KERNEL_CS << 16 | INTERRUPT_GATE | (address >>> 16 & 0xFFFF) << 48);
    store(gate + Long.BYTES, address >>> 32);
  }

  private void store(int offset, long value) {
    ram.store64(new PhysicalAddress(CODE_PA + offset), value);
  }
}
