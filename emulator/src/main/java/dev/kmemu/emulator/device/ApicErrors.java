package dev.kmemu.emulator.device;

/**
 * The error status register of a local APIC (Intel SDM vol. 3A, 10.5.3): what goes wrong shows when
 * it is written. Not safe for threads by itself.
 */
final class ApicErrors {

  /** A command with an illegal vector was sent. */
  static final int SENT_ILLEGAL_VECTOR = 1 << 5;

  /** An interrupt with an illegal vector came. */
  static final int RECEIVED_ILLEGAL_VECTOR = 1 << 6;

  /** A register that doesn't exist was accessed. */
  static final int ILLEGAL_REGISTER = 1 << 7;

  /** Number of values that {@link #save} writes. */
  static final int STATE = 2;

  private static final int ALL = SENT_ILLEGAL_VECTOR | RECEIVED_ILLEGAL_VECTOR | ILLEGAL_REGISTER;

  private int shown;
  private int noted;

  void clear() {
    shown = 0;
    noted = 0;
  }

  /** Notes an error, and tells whether it is the first of its kind since the last latch. */
  boolean note(int error) {
    boolean isNew = (noted & error) == 0;
    noted |= error;
    return isNew;
  }

  int shown() {
    return shown;
  }

  void latch() {
    shown = noted;
    noted = 0;
  }

  void save(long[] state, int at) {
    state[at] = shown;
    state[at + 1] = noted;
  }

  void restore(long[] state, int at) {
    shown = (int) state[at] & ALL;
    noted = (int) state[at + 1] & ALL;
  }
}
