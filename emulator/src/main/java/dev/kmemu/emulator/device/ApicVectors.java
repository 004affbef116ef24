package dev.kmemu.emulator.device;

/** A set of interrupt vectors, as the local APIC has three: IRR, ISR and TMR. */
final class ApicVectors {

  /** What {@link #highest} returns for an empty set. */
  static final int NONE = -1;

  /** Number of values that {@link #save} writes. */
  static final int STATE = 4;

  private final long[] words = new long[STATE];

  void add(int vector) {
    words[vector >> 6] |= 1L << vector;
  }

  void remove(int vector) {
    words[vector >> 6] &= ~(1L << vector);
  }

  boolean has(int vector) {
    return (words[vector >> 6] >>> vector & 1) != 0;
  }

  int highest() {
    for (int i = STATE - 1; i >= 0; i--) {
      if (words[i] != 0) {
        return i * Long.SIZE + Long.SIZE - 1 - Long.numberOfLeadingZeros(words[i]);
      }
    }
    return NONE;
  }

  void clear() {
    for (int i = 0; i < STATE; i++) {
      words[i] = 0;
    }
  }

  /** Returns the 32 vectors from 32 * {@code index} on. */
  int register(int index) {
    return (int) (words[index >> 1] >>> ((index & 1) * Integer.SIZE));
  }

  void save(long[] state, int at) {
    System.arraycopy(words, 0, state, at, STATE);
  }

  void restore(long[] state, int at) {
    System.arraycopy(state, at, words, 0, STATE);
  }
}
