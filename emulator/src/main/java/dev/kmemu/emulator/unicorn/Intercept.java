package dev.kmemu.emulator.unicorn;

/**
 * The instructions and events that Unicorn hands over before they happen.
 *
 * <p>Unicorn's CPU can run guests of AMD's SVM. With the flag of such a guest set, each intercept
 * that is wanted leaves the translated code like an exception, with the CPU's state whole and at
 * the instruction, and comes to the interrupt hook as 0x100 and SVM's exit code (AMD64 APM vol. 2,
 * appendix C). Nothing is translated differently where none of these instructions stands.
 */
final class Intercept {

  /** What SVM's exit codes are shifted by when they arrive as vectors. */
  static final int FIRST = 0x100;

  /** In the derived flags: the CPU runs an SVM guest. */
  static final int GUEST_FLAG = 1 << 21;

  /** The engine itself reads 0, because it has no APIC. */
  static final int READ_CR8 = FIRST + 0x08;

  static final int WRITE_CR0 = FIRST + 0x10;
  static final int WRITE_CR4 = FIRST + 0x14;
  static final int WRITE_CR8 = FIRST + 0x18;

  /** MOV from DR0; the others follow. */
  static final int READ_DR0 = FIRST + 0x20;

  /** MOV from DR7. */
  static final int READ_DR7 = READ_DR0 + 7;

  /** MOV to DR0; the others follow. */
  static final int WRITE_DR0 = FIRST + 0x30;

  /** MOV to DR7. */
  static final int WRITE_DR7 = WRITE_DR0 + 7;

  /** A non-maskable interrupt waits, and none is being handled. */
  static final int NMI_WINDOW = FIRST + 0x61;

  /** A system-management interrupt waits: the way in which another thread gets the CPU out. */
  static final int COME_OUT = FIRST + 0x62;

  /** A virtual interrupt waits and RFLAGS.IF is set: the CPU can take an interrupt now. */
  static final int INTERRUPT_WINDOW = FIRST + 0x64;

  static final int RDTSC = FIRST + 0x6E;
  static final int CPUID = FIRST + 0x72;

  /** INT n, INT3, or INTO with OF set. */
  static final int SOFTWARE_INTERRUPT = FIRST + 0x75;

  static final int HLT = FIRST + 0x78;

  /** RDMSR, or WRMSR when the error code is 1. */
  static final int MSR = FIRST + 0x7C;

  static final int RDTSCP = FIRST + 0x87;

  /** The bit of the CPU's waiting interrupts that {@link #COME_OUT} comes from. */
  static final int COME_OUT_REQUEST = 0x40;

  /** The bit that {@link #INTERRUPT_WINDOW} comes from. */
  static final int WINDOW_REQUEST = 0x100;

  /** The bit that {@link #NMI_WINDOW} comes from. */
  static final int NMI_REQUEST = 0x200;

  /** The first that isn't an access to a control or debug register. */
  static final int FIRST_INSTRUCTION = FIRST + 0x60;

  private Intercept() {}

  /**
   * Returns the bits of all debug registers. The engine's own MOV to one of them may throw away all
   * translated code, that in which it stands included, and the host's process dies on the way back.
   */
  static short debugRegisters() {
    return 0xFF;
  }

  /** Returns the bit that wants {@code intercept}, one that isn't a control register's. */
  static long bit(int intercept) {
    return 1L << (intercept - FIRST_INSTRUCTION);
  }

  /** Returns the bits that no engine can do without. */
  static long always() {
    return bit(COME_OUT)
        | bit(NMI_WINDOW)
        | bit(INTERRUPT_WINDOW)
        | bit(HLT)
        | bit(SOFTWARE_INTERRUPT);
  }

  /** Returns the bits of the instructions whose result depends on the model of the CPU. */
  static long model() {
    return bit(RDTSC) | bit(RDTSCP) | bit(CPUID) | bit(MSR);
  }

  /** Returns the bits of the control registers that aren't read from the engine. */
  static short controlReads() {
    return (short) (1 << (READ_CR8 - FIRST));
  }

  /** Returns the bits of the control registers whose new values are checked. */
  static short controlWrites() {
    return (short)
        (1 << (WRITE_CR0 - WRITE_CR0)
            | 1 << (WRITE_CR4 - WRITE_CR0)
            | 1 << (WRITE_CR8 - WRITE_CR0));
  }
}
