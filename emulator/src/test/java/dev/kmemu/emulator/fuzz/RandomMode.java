package dev.kmemu.emulator.fuzz;

import static dev.kmemu.emulator.cpu.SegmentAttributes.ACCESSED;
import static dev.kmemu.emulator.cpu.SegmentAttributes.BIG;
import static dev.kmemu.emulator.cpu.SegmentAttributes.CODE_64;
import static dev.kmemu.emulator.cpu.SegmentAttributes.DATA;
import static dev.kmemu.emulator.cpu.SegmentAttributes.LONG;
import static dev.kmemu.emulator.cpu.SegmentAttributes.NOT_SYSTEM;
import static dev.kmemu.emulator.cpu.SegmentAttributes.PRESENT;
import static dev.kmemu.emulator.cpu.SegmentAttributes.WRITABLE;
import static dev.kmemu.emulator.cpu.SegmentAttributes.withDpl;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.RegisterFile;
import dev.kmemu.emulator.cpu.SegmentRegister;
import java.util.SplittableRandom;

/** The modes in which code may run, and how the CPU gets into each. */
enum RandomMode {
  LONG_RING_0(true, 0, 64),
  LONG_RING_3(true, 3, 64),
  COMPATIBILITY_RING_0(true, 0, 32),
  COMPATIBILITY_RING_3(true, 3, 32),
  PROTECTED_32_RING_0(false, 0, 32),
  PROTECTED_32_RING_3(false, 3, 32),
  PROTECTED_16_RING_0(false, 0, 16),
  PROTECTED_16_RING_3(false, 3, 16),
  REAL(false, 0, 16),
  VIRTUAL_8086(false, 3, 16);

  private static final int CODE_32 = (CODE_64 & ~LONG) | BIG;
  private static final int CODE_16 = CODE_64 & ~(LONG | BIG);
  private static final int DATA_16 = DATA & ~BIG;
  private static final int TSS_BUSY = PRESENT | 0xB00;
  private static final int LDT = PRESENT | 0x200;
  private static final int REAL_DATA = PRESENT | NOT_SYSTEM | WRITABLE | ACCESSED;
  private static final long VM = 1 << 17;
  private static final long PE = 1;
  private static final long PG = 1L << 31;
  private static final long PAE = 1 << 5;

  private final boolean longMode;
  private final int ring;
  private final int bits;

  RandomMode(boolean longMode, int ring, int bits) {
    this.longMode = longMode;
    this.ring = ring;
    this.bits = bits;
  }

  boolean isLongMode() {
    return longMode;
  }

  /** Sets the control registers of a CPU that has been reset. */
  void prepare(RegisterFile registers, SplittableRandom random) {
    registers.write(Register.EFER, 0x901);
    registers.write(Register.CR4, PAE);
    registers.write(Register.CR3, FuzzMemory.PML4);
    registers.write(Register.CR0, PG | PE);
    long control = 0x10 | (random.nextInt(64) & ~0x11) | (random.nextInt(2) << 16);
    long features = 0x610 | (random.nextInt(1 << 21) & 0x0504CC);
    features |= random.nextInt(8) == 0 ? 1 << 20 : 0;
    if (!longMode) {
      boolean paging = this != REAL && random.nextInt(3) != 0;
      registers.write(Register.CR0, PE);
      registers.write(Register.EFER, random.nextInt(2) << 11);
      registers.write(Register.CR4, features);
      registers.write(Register.CR3, FuzzMemory.DIRECTORY);
      registers.write(Register.CR0, control | (this == REAL ? 0 : PE) | (paging ? PG : 0));
    } else {
      registers.write(Register.EFER, 0x501 | (random.nextInt(2) << 11));
      registers.write(Register.CR4, features | PAE);
      registers.write(Register.CR0, control | PG | PE);
    }
    registers.write(Register.GDTR_BASE, FuzzMemory.GDT);
    registers.write(Register.GDTR_LIMIT, 0xFFF);
    registers.write(Register.IDTR_BASE, this == REAL ? 0 : FuzzMemory.IDT);
    registers.write(Register.IDTR_LIMIT, random.nextInt(8) == 0 ? 0 : 0xFFF);
  }

  /** Loads segments, flags and RIP, between two instructions. */
  void enter(CpuState cpu, SplittableRandom random) {
    boolean segmented = this == REAL || this == VIRTUAL_8086;
    long flags = (random.nextInt(1 << 22) & 0x277FD5) | 2;
    flags = random.nextInt(4) == 0 ? flags : flags & ~0x100L;
    cpu.setRflags((flags & ~VM) | (this == VIRTUAL_8086 ? VM : 0));
    int codeAttributes = bits == 64 ? CODE_64 : bits == 32 ? CODE_32 : CODE_16;
    int dataAttributes = bits == 16 ? DATA_16 : DATA;
    if (segmented) {
      int selector = FuzzMemory.CODE_PARAGRAPH;
      int attributes = withDpl(REAL_DATA, ring);
      cpu.load(SegmentRegister.CS, selector, FuzzMemory.CODE, 0xFFFF, attributes);
      for (SegmentRegister segment :
          new SegmentRegister[] {
            SegmentRegister.SS,
            SegmentRegister.DS,
            SegmentRegister.ES,
            SegmentRegister.FS,
            SegmentRegister.GS
          }) {
        cpu.load(segment, 0x1000, 0x10000, 0xFFFF, attributes);
      }
      cpu.setRip(0);
    } else {
      int code = FuzzMemory.codeSelector(bits, ring);
      int data = FuzzMemory.dataSelector(bits, ring);
      cpu.load(SegmentRegister.CS, code, 0, -1, withDpl(codeAttributes, ring));
      for (SegmentRegister segment :
          new SegmentRegister[] {
            SegmentRegister.SS,
            SegmentRegister.DS,
            SegmentRegister.ES,
            SegmentRegister.FS,
            SegmentRegister.GS
          }) {
        cpu.load(segment, data, 0, -1, withDpl(dataAttributes, ring));
      }
      cpu.setRip(FuzzMemory.CODE);
    }
    cpu.load(SegmentRegister.TR, FuzzMemory.TSS_SELECTOR, FuzzMemory.TSS, 0x2FFF, TSS_BUSY);
    cpu.load(SegmentRegister.LDTR, FuzzMemory.LDT_SELECTOR, FuzzMemory.GDT, 0xFFF, LDT);
    for (int i = 0; i < 16; i++) {
      cpu.setGeneral(i, FuzzMemory.interesting(random));
    }
    cpu.setGeneral(4, segmented ? 0xF000 : FuzzMemory.STACK - random.nextInt(64));
    if (random.nextInt(3) == 0) {
      cpu.setGeneral(1, FuzzMemory.msr(random));
    }
  }
}
