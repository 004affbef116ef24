package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.CpuState;

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

  private static final int SSE3_TO_AES =
      1 | 1 << 1 | 1 << 9 | 1 << 13 | 1 << 19 | 1 << 20 | 1 << 22 | 1 << 23 | 1 << 25;
  private static final int XSAVE = 1 << 26;
  private static final int OSXSAVE = 1 << 27;
  private static final int IN_HYPERVISOR = 1 << 31;

  /** FPU, DE, PSE, TSC, MSR, PAE, MCE, CX8, SEP, MTRR, PGE, MCA, CMOV, PAT, PSE36, CLFSH. */
  private static final int BASE_FEATURES =
      1 | 0x1FC | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 14 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 19;

  /** MMX, FXSR, SSE, SSE2. */
  private static final int MEDIA_FEATURES = 0xF << 23;

  private static final int APIC = 1 << 9;
  private static final int X2APIC = 1 << 21;
  private static final int TSC_DEADLINE = 1 << 24;

  /** FSGSBASE, TSC_ADJUST, BMI1, SMEP, BMI2, ERMS, ADX, SMAP, CLFLUSHOPT, CLWB. */
  private static final int STRUCTURED_FEATURES =
      1 | 1 << 1 | 1 << 3 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 19 | 1 << 20 | 1 << 23 | 1 << 24;

  private static final int PKU = 1 << 3;
  private static final int OSPKE = 1 << 4;

  private static final int POWER_LEAF = 6;
  private static final int ALWAYS_RUNNING_APIC_TIMER = 1 << 2;
  private static final int TOPOLOGY_LEAF = 0xB;
  private static final int XSAVE_LEAF = 0xD;
  private static final int XSAVE_X87_SSE_PKRU = 0x203;
  private static final int XSAVE_BYTES = 0xA88;
  private static final int XSAVEOPT_XGETBV1 = 5;
  private static final int PKRU_COMPONENT = 9;
  private static final int PKRU_OFFSET = 0xA80;

  /** LAHF, LZCNT. */
  private static final int EXTENDED_ECX = 1 | 1 << 5;

  /** SYSCALL, NX, 1 GiB pages, RDTSCP, long mode. */
  private static final int EXTENDED_EDX = 1 << 11 | 1 << 20 | 1 << 26 | 1 << 27 | 1 << 29;

  private static final int INVARIANT_TSC = 1 << 8;
  private static final int ADDRESS_SIZES = 48 << 8 | 40;
  private static final long CR4_OSXSAVE = 1L << 18;
  private static final long CR4_PKE = 1L << 22;

  private static final String VENDOR = "GenuineIntel";
  private static final String HYPERVISOR_NAME = "kmemu\0\0\0\0\0\0\0";
  private static final String BRAND = String.format("%-47s\0", "kmemu virtual x86-64 processor");

  private final long tscHz;
  private volatile boolean hasApic;

  Cpuid(long tscHz) {
    this.tscHz = tscHz;
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
              CLFLUSH_64_BYTES | 1 << 16,
              SSE3_TO_AES
                  | XSAVE
                  | IN_HYPERVISOR
                  | ((cpu.cr4() & CR4_OSXSAVE) != 0 ? OSXSAVE : 0)
                  | (hasApic ? X2APIC | TSC_DEADLINE : 0),
              BASE_FEATURES | MEDIA_FEATURES | (hasApic ? APIC : 0));
      case 7 ->
          give(
              cpu,
              0,
              subleaf == 0 ? STRUCTURED_FEATURES : 0,
              subleaf == 0 ? PKU | ((cpu.cr4() & CR4_PKE) != 0 ? OSPKE : 0) : 0,
              0);
      case POWER_LEAF -> give(cpu, hasApic ? ALWAYS_RUNNING_APIC_TIMER : 0, 0, 0, 0);
      case TOPOLOGY_LEAF -> topology(cpu, subleaf);
      case XSAVE_LEAF -> xsave(cpu, subleaf);
      case 0x15 -> give(cpu, 1, (int) (tscHz / CRYSTAL_HZ), CRYSTAL_HZ, 0);
      case HIGHEST_BASIC -> {
        int megahertz = (int) (tscHz / 1_000_000);
        give(cpu, megahertz, megahertz, 100, 0);
      }
      case HYPERVISOR -> name(cpu, HYPERVISOR, HYPERVISOR_NAME);
      case EXTENDED -> give(cpu, HIGHEST_EXTENDED, 0, 0, 0);
      case EXTENDED + 1 -> give(cpu, SIGNATURE, 0, EXTENDED_ECX, EXTENDED_EDX);
      case EXTENDED + 2, EXTENDED + 3, EXTENDED + 4 -> brand(cpu, leaf - EXTENDED - 2);
      case EXTENDED + 7 -> give(cpu, 0, 0, 0, INVARIANT_TSC);
      case HIGHEST_EXTENDED -> give(cpu, ADDRESS_SIZES, 0, 0, 0);
      default -> give(cpu, 0, 0, 0, 0);
    }
  }

  /** An unknown leaf gives the data of the highest basic one. */
  private static boolean isBeyond(int leaf) {
    return Integer.compareUnsigned(leaf, HIGHEST_BASIC) > 0
        && leaf != HYPERVISOR
        && (Integer.compareUnsigned(leaf, EXTENDED) < 0
            || Integer.compareUnsigned(leaf, HIGHEST_EXTENDED) > 0);
  }

  /** One thread in one core, whose APIC has ID 0. */
  private void topology(CpuState cpu, int subleaf) {
    int level = hasApic && subleaf >= 0 && subleaf < 2 ? subleaf + 1 : 0;
    give(cpu, 0, level == 0 ? 0 : 1, level << 8 | (subleaf & 0xFF), 0);
  }

  private static void xsave(CpuState cpu, int subleaf) {
    switch (subleaf) {
      case 0 -> give(cpu, XSAVE_X87_SSE_PKRU, XSAVE_BYTES, XSAVE_BYTES, 0);
      case 1 -> give(cpu, XSAVEOPT_XGETBV1, 0, 0, 0);
      case PKRU_COMPONENT -> give(cpu, Long.BYTES, PKRU_OFFSET, 0, 0);
      default -> give(cpu, 0, 0, 0, 0);
    }
  }

  private static void name(CpuState cpu, int eax, String name) {
    boolean vendor = name.equals(VENDOR);
    int first = word(name, 0);
    int second = word(name, 4);
    int third = word(name, 8);
    give(cpu, eax, first, vendor ? third : second, vendor ? second : third);
  }

  private static void brand(CpuState cpu, int part) {
    int at = part * 16;
    give(cpu, word(BRAND, at), word(BRAND, at + 4), word(BRAND, at + 8), word(BRAND, at + 12));
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
