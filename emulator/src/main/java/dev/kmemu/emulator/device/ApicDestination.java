package dev.kmemu.emulator.device;

/** Whom a message of the interrupt bus is for (Intel SDM vol. 3A, 10.6.2). */
final class ApicDestination {

  /** Number of values that {@link #save} writes. */
  static final int STATE = 4;

  /** The broadcast address of either width. */
  static final int EVERYBODY = -1;

  private static final int FLAT = 0xF;
  private static final int ALL = 0xFF;
  private static final int DFR_ONES = 0x0FFF_FFFF;
  private static final int SHIFT = 24;

  private int id;
  private int logical;
  private int format = FLAT;
  private boolean wide;

  /** Returns the destination that 8 bits name. */
  static int ofByte(int to) {
    return (to & ALL) == ALL ? EVERYBODY : to & ALL;
  }

  /** Leaves the x2APIC mode as it is. */
  void reset() {
    id = 0;
    logical = 0;
    format = FLAT;
  }

  /** Sets whether IDs have 32 bits, as in x2APIC mode, where they can't be changed. */
  void setWide(boolean x2apic) {
    wide = x2apic;
    if (x2apic) {
      id = 0;
    }
  }

  /** Whether {@code to} names this CPU, as a physical or a logical destination. */
  boolean isMeant(int to, boolean isLogical) {
    if (wide) {
      // The first CPU of the first cluster; an I/O APIC's 8 bits are a part of this.
      return to == EVERYBODY || (isLogical ? (to & 1) != 0 && to >>> 16 == 0 : to == id);
    }
    if (!isLogical || to == EVERYBODY) {
      return to == EVERYBODY || to == id;
    }
    if (format == FLAT) {
      return (to & logical) != 0;
    }
    boolean cluster = to >> 4 == logical >> 4 || to >> 4 == FLAT;
    return cluster && (to & logical & FLAT) != 0;
  }

  int idRegister() {
    return wide ? id : id << SHIFT;
  }

  void setIdRegister(int value) {
    id = value >>> SHIFT;
  }

  int logicalRegister() {
    return wide ? 1 : logical << SHIFT;
  }

  void setLogicalRegister(int value) {
    logical = value >>> SHIFT;
  }

  int formatRegister() {
    return format << 28 | DFR_ONES;
  }

  void setFormatRegister(int value) {
    format = value >>> 28;
  }

  void save(long[] state, int at) {
    state[at] = id;
    state[at + 1] = logical;
    state[at + 2] = format;
    state[at + 3] = wide ? 1 : 0;
  }

  void restore(long[] state, int at) {
    id = (int) state[at] & ALL;
    logical = (int) state[at + 1] & ALL;
    format = (int) state[at + 2] & FLAT;
    wide = state[at + 3] != 0;
  }
}
