package dev.kmemu.emulator.model;

import dev.kmemu.emulator.cpu.CpuidBit;
import java.util.Optional;

/** A feature that a processor may have or lack, by its name in QEMU and Linux. */
public enum CpuFeature {
  /** Debugging extensions: breakpoints on ports. */
  DE("de", 1, 2, 2, 1L << 3),
  /** 4 MiB pages of 32-bit paging. */
  PSE("pse", 1, 2, 3, 1L << 4),
  /** The machine-check exception. */
  MCE("mce", 1, 2, 7, 1L << 6),
  /** A local APIC. */
  APIC("apic", 1, 2, 9),
  /** SYSENTER and SYSEXIT. */
  SEP("sep", 1, 2, 11),
  /** Global pages. */
  PGE("pge", 1, 2, 13, 1L << 7),
  /** CLFLUSH. */
  CLFLUSH("clflush", 1, 2, 19),
  /** SSE3. */
  SSE3("sse3", 1, 1, 0),
  /** PCLMULQDQ. */
  PCLMULQDQ("pclmulqdq", 1, 1, 1),
  /** SSSE3. */
  SSSE3("ssse3", 1, 1, 9),
  /** CMPXCHG16B. */
  CX16("cx16", 1, 1, 13),
  /** SSE4.1. */
  SSE4_1("sse4.1", 1, 1, 19),
  /** SSE4.2. */
  SSE4_2("sse4.2", 1, 1, 20),
  /** The local APIC's registers as MSRs. */
  X2APIC("x2apic", 1, 1, 21),
  /** MOVBE. */
  MOVBE("movbe", 1, 1, 22),
  /** POPCNT. */
  POPCNT("popcnt", 1, 1, 23),
  /** The local APIC's timer to a moment of the TSC. */
  TSC_DEADLINE("tsc-deadline", 1, 1, 24),
  /** AES instructions. */
  AES("aes", 1, 1, 25),
  /** XSAVE, XRSTOR, XSETBV, XGETBV. */
  XSAVE("xsave", 1, 1, 26, 1L << 18),
  /** That the processor isn't a real one, and whose it is. */
  HYPERVISOR("hypervisor", 1, 1, 31),
  /** The local APIC's timer runs on in each power state. */
  ARAT("arat", 6, 0, 2),
  /** RDFSBASE and its like. */
  FSGSBASE("fsgsbase", 7, 3, 0, 1L << 16),
  /** IA32_TSC_ADJUST. */
  TSC_ADJUST("tsc-adjust", 7, 3, 1),
  /** The first bit manipulation instructions. */
  BMI1("bmi1", 7, 3, 3),
  /** Supervisor-mode execution prevention. */
  SMEP("smep", 7, 3, 7, 1L << 20),
  /** The second bit manipulation instructions. */
  BMI2("bmi2", 7, 3, 8),
  /** Fast REP MOVSB. */
  ERMS("erms", 7, 3, 9),
  /** ADCX and ADOX. */
  ADX("adx", 7, 3, 19),
  /** Supervisor-mode access prevention. */
  SMAP("smap", 7, 3, 20, 1L << 21),
  /** CLFLUSHOPT. */
  CLFLUSHOPT("clflushopt", 7, 3, 23),
  /** CLWB. */
  CLWB("clwb", 7, 3, 24),
  /** Protection keys of user pages. */
  PKU("pku", 7, 1, 3, 1L << 22),
  /** XSAVEOPT. */
  XSAVEOPT("xsaveopt", 0xD, 1, 0, 0, 0),
  /** XGETBV with ECX = 1. */
  XGETBV1("xgetbv1", 0xD, 1, 0, 2, 0),
  /** LAHF and SAHF in 64-bit mode. */
  LAHF_LM("lahf-lm", 0x8000_0001, 1, 0),
  /** LZCNT. */
  ABM("abm", 0x8000_0001, 1, 5),
  /** Pages that can't be executed. */
  NX("nx", 0x8000_0001, 2, 20),
  /** Pages of 1 GiB. */
  PDPE1GB("pdpe1gb", 0x8000_0001, 2, 26),
  /** RDTSCP and IA32_TSC_AUX. */
  RDTSCP("rdtscp", 0x8000_0001, 2, 27),
  /** The TSC counts at the same rate in each power state. */
  INVTSC("invtsc", 0x8000_0007, 2, 8);

  private final String id;
  private final int leaf;
  private final int subleaf;
  private final int register;
  private final int bit;
  private final long cr4;

  CpuFeature(String id, int leaf, int register, int bit) {
    this(id, leaf, register, bit, 0);
  }

  CpuFeature(String id, int leaf, int register, int bit, long cr4) {
    this(id, leaf, 0, register, bit, cr4);
  }

  CpuFeature(String id, int leaf, int subleaf, int register, int bit, long cr4) {
    this.id = id;
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
    this.bit = bit;
    this.cr4 = cr4;
  }

  /** Returns its name in options. */
  public String id() {
    return id;
  }

  /** Returns where CPUID tells of it. */
  public CpuidBit bit() {
    return new CpuidBit(leaf, subleaf, register, bit);
  }

  /** Returns the bits of CR4 that only a processor with it has. */
  long cr4() {
    return cr4;
  }

  /** Returns what it stands on: a processor without that lacks it too. */
  Optional<CpuFeature> base() {
    return switch (this) {
      case X2APIC, TSC_DEADLINE, ARAT -> Optional.of(APIC);
      case XSAVEOPT, XGETBV1, PKU -> Optional.of(XSAVE);
      default -> Optional.empty();
    };
  }
}
