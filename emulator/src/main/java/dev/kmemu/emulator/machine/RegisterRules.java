package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.cpu.SegmentAttributes;
import dev.kmemu.emulator.cpu.SegmentRegister;
import dev.kmemu.emulator.mmu.PagingMode;
import org.jspecify.annotations.Nullable;

/**
 * Which values the CPU refuses in its system registers, and why (Intel SDM vol. 3A, 2.5 and 4.5;
 * vol. 3B, 17.2; vol. 4).
 */
final class RegisterRules {

  private static final long CR0_PE = 1;
  private static final long CR0_NW = 1L << 29;
  private static final long CR0_CD = 1L << 30;
  private static final long CR0_PG = 1L << 31;
  private static final long EFER_LME = 1L << 8;
  private static final long EFER_LMA = 1L << 10;
  private static final long EFER_KNOWN = 1 | EFER_LME | EFER_LMA | 1L << 11;

  /** DE, TSD, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT, FSGSBASE, OSXSAVE, SMEP, SMAP, PKE. */
  private static final long CR4_KNOWN =
      0x7FCL | 1L << 16 | 1L << 18 | 1L << 20 | 1L << 21 | 1L << 22;

  private static final long RFLAGS_VM = 1L << 17;
  private static final long MXCSR_KNOWN = 0xFFFF;
  private static final long HIGHEST_PRIORITY = 15;
  private static final int MEMORY_TYPES = 8;
  private static final int HIGHEST_MEMORY_TYPE = 7;

  private RegisterRules() {}

  /** Returns why {@code register} can't hold {@code value}, a phrase; null when it can. */
  static @Nullable String refusal(CpuState cpu, Register register, long value) {
    return switch (register) {
      case CR0 -> cr0(cpu, value);
      case CR3 -> {
        int bits = isLongMode(cpu) ? PagingMode.PHYSICAL_ADDRESS_BITS : Integer.SIZE;
        yield reserved(value & -(1L << bits));
      }
      case CR4 ->
          (value & ~CR4_KNOWN) != 0
              ? reserved(value & ~CR4_KNOWN)
              : isLongMode(cpu) && (value & PagingMode.CR4_PAE) == 0
                  ? "PAE (bit 5) must be set in long mode"
                  : null;
      case CR8 ->
          Long.compareUnsigned(value, HIGHEST_PRIORITY) > 0
              ? reserved(value & ~HIGHEST_PRIORITY)
              : null;
      case EFER -> efer(cpu, value);
      case DR6, DR7, SFMASK, TSC_AUX -> reserved(value & ~0xFFFF_FFFFL);
      case GDTR_LIMIT, IDTR_LIMIT -> reserved(value & ~0xFFFFL);
      case MXCSR -> reserved(value & ~MXCSR_KNOWN);
      case PAT -> pat(value);
      case FS_BASE,
          GS_BASE,
          KERNEL_GS_BASE,
          LSTAR,
          CSTAR,
          SYSENTER_ESP,
          SYSENTER_EIP,
          GDTR_BASE,
          IDTR_BASE,
          LDTR_BASE,
          TR_BASE ->
          canonical(value);
      case RIP -> isIn64BitCode(cpu) ? canonical(value) : reserved(value & ~0xFFFF_FFFFL);
      case RFLAGS ->
          isLongMode(cpu) && (value & RFLAGS_VM) != 0
              ? "there is no virtual-8086 mode (VM, bit 17) in long mode"
              : null;
      default -> null;
    };
  }

  private static @Nullable String cr0(CpuState cpu, long value) {
    if (value >>> Integer.SIZE != 0) {
      return reserved(value & ~0xFFFF_FFFFL);
    }
    boolean paging = (value & CR0_PG) != 0;
    if (paging && (value & CR0_PE) == 0) {
      return "PG (bit 31) needs PE (bit 0)";
    }
    if ((value & CR0_NW) != 0 && (value & CR0_CD) == 0) {
      return "NW (bit 29) needs CD (bit 30)";
    }
    boolean wasPaging = (cpu.cr0() & CR0_PG) != 0;
    boolean in64BitCode = (cpu.attributes(SegmentRegister.CS) & SegmentAttributes.LONG) != 0;
    if (paging && !wasPaging && (cpu.efer() & EFER_LME) != 0) {
      if ((cpu.cr4() & PagingMode.CR4_PAE) == 0) {
        return "PG (bit 31) with EFER.LME needs CR4.PAE";
      }
      return in64BitCode ? "PG (bit 31) can't be set in a 64-bit code segment" : null;
    }
    return !paging && wasPaging && isLongMode(cpu) && in64BitCode
        ? "PG (bit 31) can't be cleared in 64-bit mode"
        : null;
  }

  private static @Nullable String efer(CpuState cpu, long value) {
    if ((value & ~EFER_KNOWN) != 0) {
      return reserved(value & ~EFER_KNOWN);
    }
    boolean paging = (cpu.cr0() & CR0_PG) != 0;
    return paging && ((value ^ cpu.efer()) & EFER_LME) != 0
        ? "LME (bit 8) can't change while paging is on"
        : null;
  }

  private static @Nullable String pat(long value) {
    for (int i = 0; i < MEMORY_TYPES; i++) {
      int type = (int) (value >>> (i * Byte.SIZE)) & 0xFF;
      if (type > HIGHEST_MEMORY_TYPE || type == 2 || type == 3) {
        return String.format("byte %d, 0x%x, is no memory type", i, type);
      }
    }
    return null;
  }

  private static @Nullable String canonical(long value) {
    return value >> 47 == 0 || value >> 47 == -1
        ? null
        : "it isn't canonical: bits 63 to 47 must be equal";
  }

  private static @Nullable String reserved(long bits) {
    return bits == 0 ? null : String.format("bits 0x%x must be clear", bits);
  }

  private static boolean isLongMode(CpuState cpu) {
    return (cpu.efer() & EFER_LMA) != 0;
  }

  private static boolean isIn64BitCode(CpuState cpu) {
    return isLongMode(cpu) && (cpu.attributes(SegmentRegister.CS) & SegmentAttributes.LONG) != 0;
  }
}
