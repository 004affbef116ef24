package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.CpuState;
import dev.kmemu.emulator.cpu.CpuidBit;

/**
 * What CPUID tells (Intel SDM vol. 2A, CPUID). Only what works on the engine is told: no AVX, no
 * RDRAND, because their results would be refused or wouldn't repeat.
 */
final class Cpuid {

  private static final int HIGHEST_BASIC = 0x16;
  private static final int HYPERVISOR = 0x4000_0000;
  private static final int EXTENDED = 0x8000_0000;
  private static final int HIGHEST_EXTENDED = 0x8000_0008;
  private static final int SIGNATURE = 0x0005_0654;
  private static final int CLFLUSH_64_BYTES = 8 << 8;

  private static final int CRYSTAL_HZ = 25_000_000;

  private static final int OSXSAVE = 1 << 27;

  /** FPU, TSC, MSR, PAE, CX8, MTRR, MCA, CMOV, PAT, PSE36, MMX, FXSR, SSE, SSE2. */
  private static final int BASE_FEATURES = 1 | 0x7 << 4 | 1 << 8 | 1 << 12 | 0xF << 14 | 0xF << 23;

  private static final int EAX = 0;
  private static final int ECX = 1;
  private static final int EDX = 2;
  private static final int EBX = 3;

  private static final int OSPKE = 1 << 4;
  private static final int STRUCTURED_LEAF = 7;

  private static final int POWER_LEAF = 6;
  private static final int TOPOLOGY_LEAF = 0xB;
  private static final int XSAVE_LEAF = 0xD;
  private static final int XSAVE_X87_SSE = 3;
  private static final int XSAVE_LEGACY_BYTES = 0x240;
  private static final int PKRU_COMPONENT = 9;
  private static final int PKRU_OFFSET = 0xA80;

  /** SYSCALL, long mode. */
  private static final int EXTENDED_EDX = 1 << 11 | 1 << 29;

  private static final int ADDRESS_SIZES = 48 << 8 | 40;

  private static final String VENDOR = "GenuineIntel";
  private static final String HYPERVISOR_NAME = "kmemu\0\0\0\0\0\0\0";

  private final long tscHz;
  private final CpuModel model;
  private final String brand;
  private final int baseEcx;
  private final int baseEdx;
  private final int power;
  private final int structuredEbx;
  private final int structuredEcx;
  private final int xsaveEax;
  private final int extendedEcx;
  private final int extendedEdx;
  private final int timeStampEdx;
  private volatile boolean hasApic;

  Cpuid(long tscHz, CpuModel model) {
    this.tscHz = tscHz;
    this.model = model;
    brand = String.format("%-47s\0", model.brand());
    baseEcx = word(1, 0, ECX);
    baseEdx = word(1, 0, EDX);
    power = word(POWER_LEAF, 0, EAX);
    structuredEbx = word(STRUCTURED_LEAF, 0, EBX);
    structuredEcx = word(STRUCTURED_LEAF, 0, ECX);
    xsaveEax = word(XSAVE_LEAF, 1, EAX);
    extendedEcx = word(EXTENDED + 1, 0, ECX);
    extendedEdx = word(EXTENDED + 1, 0, EDX);
    timeStampEdx = word(EXTENDED + 7, 0, EDX);
  }

  private int word(int leaf, int subleaf, int register) {
    int word = 0;
    for (CpuFeature feature : model.features()) {
      CpuidBit bit = feature.bit();
      if (bit.leaf() == leaf && bit.subleaf() == subleaf && bit.register() == register) {
        word |= bit.mask();
      }
    }
    return word;
  }

  /** Returns a word without what is told only as long as the guest has its APIC on. */
  private int withApic(int word, CpuFeature... ofApic) {
    int told = word;
    for (CpuFeature feature : ofApic) {
      told &= hasApic ? -1 : ~feature.bit().mask();
    }
    return told;
  }

  void setApic(boolean present) {
    hasApic = present;
  }

  void execute(CpuState cpu) {
    int leaf = (int) cpu.general(0);
    int subleaf = (int) cpu.general(1);
    if (isBeyond(leaf)) {
      leaf = HIGHEST_BASIC;
    }
    switch (leaf) {
      case 0 -> name(cpu, HIGHEST_BASIC, VENDOR);
      case 1 ->
          give(
              cpu,
              SIGNATURE,
              (model.has(CpuFeature.CLFLUSH) ? CLFLUSH_64_BYTES : 0) | 1 << 16,
              withApic(baseEcx, CpuFeature.X2APIC, CpuFeature.TSC_DEADLINE)
                  | ((cpu.cr4() & CpuFeature.XSAVE.cr4()) != 0 ? OSXSAVE : 0),
              BASE_FEATURES | withApic(baseEdx, CpuFeature.APIC));
      case STRUCTURED_LEAF ->
          give(
              cpu,
              0,
              subleaf == 0 ? structuredEbx : 0,
              subleaf == 0
                  ? structuredEcx | ((cpu.cr4() & CpuFeature.PKU.cr4()) != 0 ? OSPKE : 0)
                  : 0,
              0);
      case POWER_LEAF -> give(cpu, withApic(power, CpuFeature.ARAT), 0, 0, 0);
      case TOPOLOGY_LEAF -> topology(cpu, subleaf);
      case XSAVE_LEAF -> xsave(cpu, subleaf);
      case 0x15 -> give(cpu, 1, (int) (tscHz / CRYSTAL_HZ), CRYSTAL_HZ, 0);
      case HIGHEST_BASIC -> {
        int megahertz = (int) (tscHz / 1_000_000);
        give(cpu, megahertz, megahertz, 100, 0);
      }
      case HYPERVISOR -> name(cpu, HYPERVISOR, HYPERVISOR_NAME);
      case EXTENDED -> give(cpu, HIGHEST_EXTENDED, 0, 0, 0);
      case EXTENDED + 1 -> give(cpu, SIGNATURE, 0, extendedEcx, EXTENDED_EDX | extendedEdx);
      case EXTENDED + 2, EXTENDED + 3, EXTENDED + 4 -> brand(cpu, leaf - EXTENDED - 2);
      case EXTENDED + 7 -> give(cpu, 0, 0, 0, timeStampEdx);
      case HIGHEST_EXTENDED -> give(cpu, ADDRESS_SIZES, 0, 0, 0);
      default -> give(cpu, 0, 0, 0, 0);
    }
  }

  /** An unknown leaf gives the data of the highest basic one. */
  private boolean isBeyond(int leaf) {
    return Integer.compareUnsigned(leaf, HIGHEST_BASIC) > 0
        && (leaf != HYPERVISOR || !model.has(CpuFeature.HYPERVISOR))
        && (Integer.compareUnsigned(leaf, EXTENDED) < 0
            || Integer.compareUnsigned(leaf, HIGHEST_EXTENDED) > 0);
  }

  /** One thread in one core, whose APIC has ID 0. */
  private void topology(CpuState cpu, int subleaf) {
    int level = hasApic && subleaf >= 0 && subleaf < 2 ? subleaf + 1 : 0;
    give(cpu, 0, level == 0 ? 0 : 1, level << 8 | (subleaf & 0xFF), 0);
  }

  private void xsave(CpuState cpu, int subleaf) {
    boolean keys = model.has(CpuFeature.PKU);
    if (!model.has(CpuFeature.XSAVE)) {
      give(cpu, 0, 0, 0, 0);
    } else if (subleaf == 0) {
      int bytes = keys ? PKRU_OFFSET + Long.BYTES : XSAVE_LEGACY_BYTES;
      give(cpu, XSAVE_X87_SSE | (keys ? 1 << PKRU_COMPONENT : 0), bytes, bytes, 0);
    } else if (subleaf == PKRU_COMPONENT && keys) {
      give(cpu, Long.BYTES, PKRU_OFFSET, 0, 0);
    } else {
      give(cpu, subleaf == 1 ? xsaveEax : 0, 0, 0, 0);
    }
  }

  private static void name(CpuState cpu, int eax, String name) {
    boolean vendor = name.equals(VENDOR);
    int first = word(name, 0);
    int second = word(name, 4);
    int third = word(name, 8);
    give(cpu, eax, first, vendor ? third : second, vendor ? second : third);
  }

  private void brand(CpuState cpu, int part) {
    int at = part * 16;
    give(cpu, word(brand, at), word(brand, at + 4), word(brand, at + 8), word(brand, at + 12));
  }

  private static int word(String text, int at) {
    return text.charAt(at)
        | text.charAt(at + 1) << 8
        | text.charAt(at + 2) << 16
        | text.charAt(at + 3) << 24;
  }

  private static void give(CpuState cpu, int eax, int ebx, int ecx, int edx) {
    cpu.setGeneral(0, eax & 0xFFFF_FFFFL);
    cpu.setGeneral(3, ebx & 0xFFFF_FFFFL);
    cpu.setGeneral(1, ecx & 0xFFFF_FFFFL);
    cpu.setGeneral(2, edx & 0xFFFF_FFFFL);
  }
}
