package dev.kmemu.emulator.device;

/** The local vector table of a local APIC (Intel SDM vol. 3A, 10.5.1). */
final class ApicLocalVectors {

  /** The entry of the timer. */
  static final int TIMER = 0;

  /** The entry of the thermal sensor. */
  static final int THERMAL = 1;

  /** The entry of the performance counters. */
  static final int PERFORMANCE = 2;

  /** The entry of the pin LINT0, a PC's 8259A. */
  static final int LINT0 = 3;

  /** The entry of the pin LINT1, a PC's NMI. */
  static final int LINT1 = 4;

  /** The entry of the APIC's own errors. */
  static final int ERROR = 5;

  /** Number of entries, and of the values that {@link #save} writes. */
  static final int ENTRIES = 6;

  /** Delivery modes, as in an interrupt command. */
  static final int FIXED = 0;

  static final int NMI = 4;
  static final int EXTERNAL = 7;

  private static final int MASKED = 1 << 16;
  private static final int MODE_SHIFT = 8;
  private static final int TIMER_MODE_SHIFT = 17;

  /** Vector, delivery mode where there is one, pin polarity and trigger, mask, timer mode. */
  private static final int[] WRITABLE = {0x700FF, 0x107FF, 0x107FF, 0x1A7FF, 0x1A7FF, 0x100FF};

  private final int[] entries = new int[ENTRIES];

  int get(int entry) {
    return entries[entry];
  }

  /** Sets an entry; one of a disabled APIC stays masked. */
  void set(int entry, int value, boolean enabled) {
    entries[entry] = (value & WRITABLE[entry]) | (enabled ? 0 : MASKED);
  }

  /** Whether a value has no bits but those that may be written. */
  static boolean isWritable(int entry, int value) {
    return (value & ~WRITABLE[entry]) == 0;
  }

  void reset() {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] = MASKED;
    }
  }

  void maskAll() {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] |= MASKED;
    }
  }

  boolean isMasked(int entry) {
    return (entries[entry] & MASKED) != 0;
  }

  int vector(int entry) {
    return entries[entry] & 0xFF;
  }

  /** Returns how an entry's interrupt is delivered; the timer's and the error's are fixed. */
  int mode(int entry) {
    return entry == TIMER || entry == ERROR ? FIXED : entries[entry] >> MODE_SHIFT & 7;
  }

  /** Returns 0 for one-shot, 1 for periodic, 2 for TSC-deadline. */
  int timerMode() {
    return entries[TIMER] >> TIMER_MODE_SHIFT & 3;
  }

  void save(long[] state, int at) {
    for (int i = 0; i < ENTRIES; i++) {
      state[at + i] = entries[i];
    }
  }

  void restore(long[] state, int at) {
    for (int i = 0; i < ENTRIES; i++) {
      entries[i] = (int) state[at + i] & WRITABLE[i];
    }
  }
}
