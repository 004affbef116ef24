package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;

/** Which values the control registers refuse (Intel SDM vol. 3A, 2.5; vol. 2B, MOV). */
final class ControlRegisterRules {

  private static final long CR0_PE = 1;
  private static final long CR0_NW = 1L << 29;
  private static final long CR0_CD = 1L << 30;
  private static final long CR0_PG = 1L << 31;
  private static final long CR4_PAE = 1L << 5;
  private static final long EFER_LME = 1L << 8;
  private static final long EFER_LMA = 1L << 10;

  /** TSD, PAE, PCE, OSFXSR, OSXMMEXCPT; the other bits are those of features. */
  private static final long CR4_ALWAYS = 1L << 2 | 1L << 5 | 1L << 8 | 1L << 9 | 1L << 10;

  private static final long HIGHEST_PRIORITY = 15;

  private final long cr4Known;

  ControlRegisterRules(CpuModel model) {
    long known = CR4_ALWAYS;
    for (CpuFeature feature : model.features()) {
      known |= feature.cr4();
    }
    cr4Known = known;
  }

  boolean accept(CpuState cpu, int register, long value) {
    return switch (register) {
      case 0 -> acceptCr0(cpu, value);
      case 4 -> acceptCr4(cpu, value);
      default -> Long.compareUnsigned(value, HIGHEST_PRIORITY) <= 0;
    };
  }

  private static boolean acceptCr0(CpuState cpu, long value) {
    boolean paging = (value & CR0_PG) != 0;
    if (value >>> Integer.SIZE != 0
        || (paging && (value & CR0_PE) == 0)
        || ((value & CR0_NW) != 0 && (value & CR0_CD) == 0)) {
      return false;
    }
    boolean wasPaging = (cpu.cr0() & CR0_PG) != 0;
    boolean in64BitCode = (cpu.attributes(SegmentRegister.CS) & SegmentAttributes.LONG) != 0;
    if (paging && !wasPaging && (cpu.efer() & EFER_LME) != 0) {
      return (cpu.cr4() & CR4_PAE) != 0 && !in64BitCode;
    }
    return paging || !wasPaging || (cpu.efer() & EFER_LMA) == 0 || !in64BitCode;
  }

  private boolean acceptCr4(CpuState cpu, long value) {
    return (value & ~cr4Known) == 0 && ((cpu.efer() & EFER_LMA) == 0 || (value & CR4_PAE) != 0);
  }
}
