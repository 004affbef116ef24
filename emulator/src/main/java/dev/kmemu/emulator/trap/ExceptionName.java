package dev.kmemu.emulator.trap;

/** The mnemonics and names of the exceptions (Intel SDM vol. 3A, table 6-1). */
public final class ExceptionName {

  private static final String[] NAMES = {
    "#DE divide error",
    "#DB debug",
    "NMI",
    "#BP breakpoint",
    "#OF overflow",
    "#BR bound range exceeded",
    "#UD invalid opcode",
    "#NM device not available",
    "#DF double fault",
    "coprocessor segment overrun",
    "#TS invalid TSS",
    "#NP segment not present",
    "#SS stack-segment fault",
    "#GP general protection",
    "#PF page fault",
    "reserved exception 15",
    "#MF x87 floating-point error",
    "#AC alignment check",
    "#MC machine check",
    "#XM SIMD floating-point error",
    "#VE virtualization",
    "#CP control protection"
  };

  private ExceptionName() {}

  /** Returns the name of {@code vector}, 0 to 255. */
  public static String of(int vector) {
    return vector < NAMES.length ? NAMES[vector] : "interrupt " + vector;
  }
}
