package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.Completion;
import dev.kmemu.emulator.cpu.CpuState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** The model-specific registers (Intel SDM vol. 4). */
final class Msrs {

  private static final int TSC = 0x10;
  private static final int PLATFORM_ID = 0x17;
  private static final int APIC_BASE = 0x1B;
  private static final long X2APIC_ENABLED = 1L << 10;
  private static final int FEATURE_CONTROL = 0x3A;
  private static final int TSC_ADJUST = 0x3B;
  private static final int MICROCODE_REVISION = 0x8B;
  private static final int MTRR_CAPABILITIES = 0xFE;
  private static final int SYSENTER_CS = 0x174;
  private static final int SYSENTER_ESP = 0x175;
  private static final int SYSENTER_EIP = 0x176;
  private static final int MACHINE_CHECK_CAPABILITIES = 0x179;
  private static final int MACHINE_CHECK_STATUS = 0x17A;
  private static final int MISC_ENABLE = 0x1A0;
  private static final int MTRR_BASE_0 = 0x200;
  private static final int MTRR_LAST_MASK = 0x20F;
  private static final int MTRR_FIXED_64K = 0x250;
  private static final int MTRR_FIXED_16K = 0x258;
  private static final int MTRR_FIXED_4K = 0x268;
  private static final int MTRR_FIXED_LAST = 0x26F;
  private static final int PAT = 0x277;
  private static final int MTRR_DEFAULT_TYPE = 0x2FF;
  private static final int TSC_DEADLINE = 0x6E0;
  private static final int EFER = 0xC000_0080;
  private static final int STAR = 0xC000_0081;
  private static final int LSTAR = 0xC000_0082;
  private static final int CSTAR = 0xC000_0083;
  private static final int SFMASK = 0xC000_0084;
  private static final int FS_BASE = 0xC000_0100;
  private static final int KERNEL_GS_BASE = 0xC000_0102;
  private static final int TSC_AUX = 0xC000_0103;

  private static final int VARIABLE_RANGES = 8;
  private static final long MTRR_FIXED_AND_WC = 1L << 8 | 1L << 10;
  private static final long FAST_STRINGS = 1;
  private static final long LOCKED = 1;
  private static final long REVISION = 1L << 32;

  private static final long EFER_SCE = 1;
  private static final long EFER_LME = 1L << 8;
  private static final long EFER_LMA = 1L << 10;
  private static final long EFER_NXE = 1L << 11;
  private static final long EFER_WRITABLE = EFER_SCE | EFER_LME | EFER_NXE;
  private static final long CR0_PG = 1L << 31;
  private static final long LOW = 0xFFFF_FFFFL;

  private final TimeStampCounter tsc;
  private final CpuModel model;
  private final UnknownMsr unknown;
  private final Consumer<MsrAccess> log;
  private final List<MsrDevice> devices = new ArrayList<>();
  private final long[] mtrrs = new long[MTRR_DEFAULT_TYPE - MTRR_BASE_0 + 1];
  private Runnable timeStampListener = () -> {};
  private long miscEnable = FAST_STRINGS;
  private long machineCheckStatus;

  Msrs(TimeStampCounter tsc, CpuModel model, UnknownMsr unknown, Consumer<MsrAccess> log) {
    this.tsc = tsc;
    this.model = model;
    this.unknown = unknown;
    this.log = log;
  }

  void setTimeStampListener(Runnable listener) {
    timeStampListener = listener;
  }

  void attach(MsrDevice device) {
    devices.add(device);
  }

  /** Returns what the MSRs hold that aren't the engine's. */
  long[] values() {
    long[] values = Arrays.copyOf(mtrrs, mtrrs.length + 2);
    values[mtrrs.length] = miscEnable;
    values[mtrrs.length + 1] = machineCheckStatus;
    return values;
  }

  /** Makes them hold what {@link #values} returned. */
  void setValues(long[] values) {
    System.arraycopy(values, 0, mtrrs, 0, mtrrs.length);
    miscEnable = values[mtrrs.length];
    machineCheckStatus = values[mtrrs.length + 1];
  }

  Completion read(CpuState cpu) {
    int index = (int) cpu.general(1);
    if (isLacking(index)) {
      return missing(cpu, index, false) ? give(cpu, 0) : Completion.GENERAL_PROTECTION;
    }
    long value;
    switch (index) {
      case TSC -> value = tsc.read();
      case TSC_ADJUST -> value = tsc.adjustment();
      case FEATURE_CONTROL -> value = LOCKED;
      case MICROCODE_REVISION -> value = REVISION;
      case MTRR_CAPABILITIES -> value = MTRR_FIXED_AND_WC | VARIABLE_RANGES;
      case PLATFORM_ID, MACHINE_CHECK_CAPABILITIES -> value = 0;
      case MACHINE_CHECK_STATUS -> value = machineCheckStatus;
      case MISC_ENABLE -> value = miscEnable;
      default -> {
        if (isEngines(index)) {
          value = cpu.msr(index);
        } else if (isMtrr(index)) {
          value = mtrrs[index - MTRR_BASE_0];
        } else {
          return readDevice(cpu, index);
        }
      }
    }
    return give(cpu, value);
  }

  private Completion readDevice(CpuState cpu, int index) {
    for (MsrDevice device : devices) {
      if (device.has(index)) {
        long value = device.read(index);
        return value == MsrDevice.REFUSED ? Completion.GENERAL_PROTECTION : give(cpu, value);
      }
    }
    return missing(cpu, index, false) ? give(cpu, 0) : Completion.GENERAL_PROTECTION;
  }

  private static Completion give(CpuState cpu, long value) {
    cpu.setGeneral(0, value & LOW);
    cpu.setGeneral(2, value >>> Integer.SIZE);
    return Completion.DONE;
  }

  Completion write(CpuState cpu) {
    int index = (int) cpu.general(1);
    long value = (cpu.general(2) << Integer.SIZE) | (cpu.general(0) & LOW);
    if (isLacking(index)) {
      return done(missing(cpu, index, true));
    }
    if (index == APIC_BASE && (value & X2APIC_ENABLED) != 0 && !model.has(CpuFeature.X2APIC)) {
      return Completion.GENERAL_PROTECTION;
    }
    return done(
        switch (index) {
          case TSC -> {
            tsc.write(value);
            timeStampListener.run();
            yield true;
          }
          case TSC_ADJUST -> {
            tsc.adjust(value);
            timeStampListener.run();
            yield true;
          }
          case MICROCODE_REVISION -> true;
          case MACHINE_CHECK_STATUS -> {
            machineCheckStatus = value;
            yield true;
          }
          case MISC_ENABLE -> {
            miscEnable = value;
            yield true;
          }
          case EFER -> writeEfer(cpu, value);
          case PAT -> isPat(value) && set(cpu, index, value);
          case TSC_AUX, SFMASK -> value >>> Integer.SIZE == 0 && set(cpu, index, value);
          case LSTAR, CSTAR, SYSENTER_ESP, SYSENTER_EIP, FS_BASE, FS_BASE + 1, KERNEL_GS_BASE ->
              isCanonical(value) && set(cpu, index, value);
          case STAR -> set(cpu, index, value);
          case SYSENTER_CS -> set(cpu, index, value & LOW);
          default -> writeOther(cpu, index, value);
        });
  }

  /** Whether it is a register of a feature that this processor lacks. */
  private boolean isLacking(int index) {
    return switch (index) {
      case TSC_ADJUST -> !model.has(CpuFeature.TSC_ADJUST);
      case TSC_AUX -> !model.has(CpuFeature.RDTSCP);
      case SYSENTER_CS, SYSENTER_ESP, SYSENTER_EIP -> !model.has(CpuFeature.SEP);
      case TSC_DEADLINE -> !model.has(CpuFeature.TSC_DEADLINE);
      default -> false;
    };
  }

  private boolean writeOther(CpuState cpu, int index, long value) {
    if (isMtrr(index)) {
      mtrrs[index - MTRR_BASE_0] = value;
      return true;
    }
    for (MsrDevice device : devices) {
      if (device.has(index)) {
        return device.write(index, value);
      }
    }
    return missing(cpu, index, true);
  }

  /** Whether the access is ignored. */
  private boolean missing(CpuState cpu, int index, boolean write) {
    log.accept(new MsrAccess(index, write, cpu.rip()));
    return unknown == UnknownMsr.IS_IGNORED;
  }

  private static Completion done(boolean accepted) {
    return accepted ? Completion.DONE : Completion.GENERAL_PROTECTION;
  }

  private static boolean set(CpuState cpu, int index, long value) {
    cpu.setMsr(index, value);
    return true;
  }

  /** LME can't change while paging is on, and LMA is the CPU's (Intel SDM vol. 3A, 2.2.1). */
  private boolean writeEfer(CpuState cpu, long value) {
    long old = cpu.efer();
    boolean paging = (cpu.cr0() & CR0_PG) != 0;
    long writable = model.has(CpuFeature.NX) ? EFER_WRITABLE : EFER_WRITABLE & ~EFER_NXE;
    if ((value & ~(writable | EFER_LMA)) != 0 || (paging && ((value ^ old) & EFER_LME) != 0)) {
      return false;
    }
    cpu.setMsr(EFER, (value & ~EFER_LMA) | (old & EFER_LMA));
    return true;
  }

  /** Each of the 8 bytes names a memory type: 0, 1, 4 to 7 (Intel SDM vol. 3A, 11.12.2). */
  private static boolean isPat(long value) {
    for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
      int type = (int) (value >>> shift) & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private static boolean isCanonical(long address) {
    return address >> 47 == 0 || address >> 47 == -1;
  }

  private static boolean isEngines(int index) {
    return switch (index) {
      case SYSENTER_CS,
          SYSENTER_ESP,
          SYSENTER_EIP,
          PAT,
          EFER,
          STAR,
          LSTAR,
          CSTAR,
          SFMASK,
          FS_BASE,
          FS_BASE + 1,
          KERNEL_GS_BASE,
          TSC_AUX ->
          true;
      default -> false;
    };
  }

  private static boolean isMtrr(int index) {
    return (index >= MTRR_BASE_0 && index <= MTRR_LAST_MASK)
        || index == MTRR_FIXED_64K
        || index == MTRR_FIXED_16K
        || index == MTRR_FIXED_16K + 1
        || (index >= MTRR_FIXED_4K && index <= MTRR_FIXED_LAST)
        || index == MTRR_DEFAULT_TYPE;
  }
}
