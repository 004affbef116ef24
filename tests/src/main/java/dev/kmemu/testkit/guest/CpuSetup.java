package dev.kmemu.testkit.guest;

import dev.kmemu.emulator.boot.EntryState;
import dev.kmemu.emulator.cpu.CpuEngine;
import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.memory.PhysicalAddress;
import dev.kmemu.emulator.memory.PhysicalMemory;
import java.util.Set;

/** How a test's CPU begins, and how it comes to a privilege level without a gate. */
final class CpuSetup {

  /** Descriptors of the selectors 8, 10, 1B and 23. */
  private static final long[] DESCRIPTORS = {
    0,
    0x00AF_9B00_0000_FFFFL,
    0x00CF_9300_0000_FFFFL,
    0x00AF_FB00_0000_FFFFL,
    0x00CF_F300_0000_FFFFL
  };

  private static final int KERNEL_CODE = 0x08;
  private static final int KERNEL_DATA = 0x10;
  private static final int USER_CODE = 0x1B;
  private static final int USER_DATA = 0x23;
  private static final int FLAT = -1;

  private CpuSetup() {}

  /** Puts the CPU into long mode at CPL 0, on the tables at {@code pml4}. */
  static void enter(CpuEngine cpu, PhysicalMemory ram, long pml4, Set<CpuFeature> features) {
    new EntryState.Long64(Reserved.kernelAddress(Reserved.STUBS), pml4).apply(cpu);
    RegisterFile registers = cpu.registers();
    for (CpuFeature feature : CpuFeature.values()) {
      long value = registers.read(feature.register());
      registers.write(
          feature.register(),
          features.contains(feature) ? value | feature.bit() : value & ~feature.bit());
    }
    for (int i = 0; i < DESCRIPTORS.length; i++) {
      ram.store64(new PhysicalAddress(Reserved.GDT + (long) i * Long.BYTES), DESCRIPTORS[i]);
    }
    registers.write(Register.GDTR_BASE, Reserved.kernelAddress(Reserved.GDT));
    registers.write(Register.GDTR_LIMIT, DESCRIPTORS.length * Long.BYTES - 1);
  }

  /** Makes {@code cpl} the current privilege level, as a return from the kernel would. */
  static void setRing(CpuState state, int cpl) {
    if (state.cpl() == cpl) {
      return;
    }
    int data = cpl == 0 ? KERNEL_DATA : USER_DATA;
    int code = cpl == 0 ? KERNEL_CODE : USER_CODE;
    int codeBits = SegmentAttributes.withDpl(SegmentAttributes.CODE_64, cpl);
    int dataBits = SegmentAttributes.withDpl(SegmentAttributes.DATA, cpl);
    state.load(SegmentRegister.CS, code, 0, FLAT, codeBits);
    for (SegmentRegister segment :
        new SegmentRegister[] {SegmentRegister.SS, SegmentRegister.DS, SegmentRegister.ES}) {
      state.load(segment, data, 0, FLAT, dataBits);
    }
  }
}
