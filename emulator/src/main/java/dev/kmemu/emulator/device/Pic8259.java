package dev.kmemu.emulator.device;

/**
 * One 8259A interrupt controller (Intel 8259A data sheet, 231468). Not safe for threads by itself:
 * {@link PicPair} is.
 */
final class Pic8259 {

  /** What {@link #request} returns when no interrupt is due. */
  static final int NONE = -1;

  /** The input whose vector a spurious interrupt has. */
  static final int SPURIOUS = 7;

  private static final int LINES = 8;
  private static final int ALL = 0xFF;
  private static final int ICW1 = 0x10;
  private static final int ICW1_LEVEL = 0x08;
  private static final int ICW1_SINGLE = 0x02;
  private static final int ICW1_HAS_ICW4 = 0x01;
  private static final int ICW4_AUTO_EOI = 0x02;
  private static final int ICW4_SPECIAL_FULLY_NESTED = 0x10;
  private static final int OCW3 = 0x08;
  private static final int OCW3_POLL = 0x04;
  private static final int OCW3_READS = 0x02;
  private static final int OCW3_READS_IN_SERVICE = 0x01;
  private static final int OCW3_SETS_MASK_MODE = 0x40;
  private static final int OCW3_SPECIAL_MASK = 0x20;
  private static final int POLL_PENDING = 0x80;
  private static final int CASCADE = 2;

  private final boolean master;

  /** What the next write to the data port is: ICW2, ICW3, ICW4, or 1 for OCW1. */
  private int expects = 1;

  private int high;
  private int requested;
  private int inService;
  private int masked;
  private int levels;
  private int base;
  private int lowest = LINES - 1;
  private boolean single;
  private boolean hasIcw4;
  private boolean allLevels;
  private boolean autoEoi;
  private boolean rotatesInAutoEoi;
  private boolean specialMask;
  private boolean specialFullyNested;
  private boolean readsInService;
  private boolean polls;

  Pic8259(boolean master) {
    this.master = master;
  }

  void setLine(int line, boolean up) {
    int bit = 1 << line;
    if (up) {
      if ((high & bit) == 0 || isLevel(bit)) {
        requested |= bit;
      }
      high |= bit;
    } else {
      high &= ~bit;
      if (isLevel(bit)) {
        requested &= ~bit;
      }
    }
  }

  /** Follows the slave's output: a slave that still asks after an interrupt asks again. */
  void setCascade(boolean up) {
    requested = up ? requested | (1 << CASCADE) : requested & ~(1 << CASCADE);
  }

  /** Returns the input whose interrupt is due, or {@link #NONE}. */
  int request() {
    int candidate = first(requested & ~masked);
    if (candidate == NONE) {
      return NONE;
    }
    int blocking = specialMask ? inService & ~masked : inService;
    if (specialFullyNested && master) {
      blocking &= ~(1 << CASCADE);
    }
    int current = first(blocking);
    return current == NONE || rank(candidate) < rank(current) ? candidate : NONE;
  }

  /** Takes the interrupt of {@code line}; the CPU's acknowledge cycle. */
  void acknowledge(int line) {
    int bit = 1 << line;
    if (!isLevel(bit)) {
      requested &= ~bit;
    }
    if (!autoEoi) {
      inService |= bit;
    } else if (rotatesInAutoEoi) {
      lowest = line;
    }
  }

  int vector(int line) {
    return base | line;
  }

  int register(PicPair.Register register) {
    return switch (register) {
      case REQUESTED -> requested;
      case IN_SERVICE -> inService;
      case MASKED -> masked;
    };
  }

  int readCommand() {
    if (polls) {
      return poll();
    }
    return readsInService ? inService : requested;
  }

  int readData() {
    return polls ? poll() : masked;
  }

  void writeCommand(int value) {
    if ((value & ICW1) != 0) {
      initialize(value);
    } else if ((value & OCW3) != 0) {
      polls = (value & OCW3_POLL) != 0;
      if ((value & OCW3_READS) != 0) {
        readsInService = (value & OCW3_READS_IN_SERVICE) != 0;
      }
      if ((value & OCW3_SETS_MASK_MODE) != 0) {
        specialMask = (value & OCW3_SPECIAL_MASK) != 0;
      }
    } else {
      endOfInterrupt(value >> 5, value & (LINES - 1));
    }
  }

  void writeData(int value) {
    switch (expects) {
      case 1 -> masked = value & ALL;
      case 2 -> {
        base = value & ~(LINES - 1) & ALL;
        expects = !single ? 3 : hasIcw4 ? 4 : 1;
      }
      case 3 -> expects = hasIcw4 ? 4 : 1;
      default -> {
        autoEoi = (value & ICW4_AUTO_EOI) != 0;
        specialFullyNested = (value & ICW4_SPECIAL_FULLY_NESTED) != 0;
        expects = 1;
      }
    }
  }

  int levelTriggered() {
    return levels;
  }

  void setLevelTriggered(int lines) {
    levels = lines & ALL;
    requested = (requested & ~levels) | (high & levels);
  }

  private void initialize(int icw1) {
    // Edges are sensed anew, and nothing else is remembered.
    requested = 0;
    inService = 0;
    masked = 0;
    lowest = LINES - 1;
    specialMask = false;
    readsInService = false;
    polls = false;
    autoEoi = false;
    rotatesInAutoEoi = false;
    specialFullyNested = false;
    allLevels = (icw1 & ICW1_LEVEL) != 0;
    single = (icw1 & ICW1_SINGLE) != 0;
    hasIcw4 = (icw1 & ICW1_HAS_ICW4) != 0;
    expects = 2;
    for (int line = 0; line < LINES; line++) {
      if ((high & 1 << line) != 0 && isLevel(1 << line)) {
        requested |= 1 << line;
      }
    }
  }

  /** OCW2, by its bits R, SL and EOI. */
  private void endOfInterrupt(int command, int line) {
    switch (command) {
      case 0 -> rotatesInAutoEoi = false;
      case 1 -> end(first(inService), false);
      case 3 -> end(line, false);
      case 4 -> rotatesInAutoEoi = true;
      case 5 -> end(first(inService), true);
      case 6 -> lowest = line;
      case 7 -> end(line, true);
      default -> {
        // 2 is no operation.
      }
    }
  }

  private void end(int line, boolean rotate) {
    if (line != NONE) {
      inService &= ~(1 << line);
      if (rotate) {
        lowest = line;
      }
    }
  }

  private int poll() {
    polls = false;
    int line = request();
    if (line == NONE) {
      return 0;
    }
    acknowledge(line);
    return POLL_PENDING | line;
  }

  private boolean isLevel(int bit) {
    return allLevels || (levels & bit) != 0;
  }

  /** Returns the line of the highest priority among {@code lines}, or {@link #NONE}. */
  private int first(int lines) {
    for (int i = 1; i <= LINES && lines != 0; i++) {
      int line = (lowest + i) & (LINES - 1);
      if ((lines & 1 << line) != 0) {
        return line;
      }
    }
    return NONE;
  }

  private int rank(int line) {
    return (line - lowest - 1) & (LINES - 1);
  }

  /** Number of values that {@link #save} writes. */
  static final int STATE = 8;

  void save(long[] state, int at) {
    state[at] = expects;
    state[at + 1] = high | requested << 8 | inService << 16;
    state[at + 2] = masked | levels << 8 | base << 16 | lowest << 24;
    state[at + 3] = bit(single, 0) | bit(hasIcw4, 1) | bit(allLevels, 2) | bit(autoEoi, 3);
    state[at + 4] = bit(rotatesInAutoEoi, 0) | bit(specialMask, 1) | bit(specialFullyNested, 2);
    state[at + 5] = bit(readsInService, 0) | bit(polls, 1);
  }

  void restore(long[] state, int at) {
    expects = (int) Math.max(1, Math.min(4, state[at]));
    high = (int) state[at + 1] & ALL;
    requested = (int) (state[at + 1] >> 8) & ALL;
    inService = (int) (state[at + 1] >> 16) & ALL;
    masked = (int) state[at + 2] & ALL;
    levels = (int) (state[at + 2] >> 8) & ALL;
    base = (int) (state[at + 2] >> 16) & ALL;
    lowest = (int) (state[at + 2] >> 24) & (LINES - 1);
    single = isSet(state[at + 3], 0);
    hasIcw4 = isSet(state[at + 3], 1);
    allLevels = isSet(state[at + 3], 2);
    autoEoi = isSet(state[at + 3], 3);
    rotatesInAutoEoi = isSet(state[at + 4], 0);
    specialMask = isSet(state[at + 4], 1);
    specialFullyNested = isSet(state[at + 4], 2);
    readsInService = isSet(state[at + 5], 0);
    polls = isSet(state[at + 5], 1);
  }

  private static long bit(boolean set, int position) {
    return set ? 1L << position : 0;
  }

  private static boolean isSet(long value, int position) {
    return (value >> position & 1) != 0;
  }
}
