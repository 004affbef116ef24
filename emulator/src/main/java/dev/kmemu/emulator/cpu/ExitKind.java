package dev.kmemu.emulator.cpu;

/** Why a CPU leaves guest code. */
public enum ExitKind {
  /** A page fault, whoever answers it. */
  PAGE_FAULT("page faults"),

  /** Any other exception. */
  EXCEPTION("exceptions"),

  /** INT n, INT3 and INTO. */
  SOFTWARE_INTERRUPT("software interrupts"),

  /** An interrupt, or a wish of another thread. */
  INTERRUPT("interrupts and requests"),

  /** HLT. */
  HALT("HLT"),

  /** IN and OUT. */
  PORT("ports"),

  /** A load or store where a device is, or nothing. */
  MEMORY_MAPPED("memory-mapped devices"),

  /** SYSCALL and SYSENTER. */
  SYSTEM_CALL("system calls"),

  /** CPUID, RDTSC, RDMSR, WRMSR and the like. */
  MODEL("CPUID, MSRs, TSC"),

  /** MOV to and from control and debug registers. */
  CONTROL_REGISTER("control registers");

  private final String description;

  ExitKind(String description) {
    this.description = description;
  }

  /** Returns the kind's name for a person, in the plural where it has one. */
  public String description() {
    return description;
  }
}
