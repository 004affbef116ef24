package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;

/**
 * A counter of the 8254 (Intel 82C54 data sheet, 231244). The count isn't kept, but when it began:
 * reads and output follow from guest time.
 */
final class PitChannel {

  /** Counts per second: a third of the colour subcarrier's fourfold. */
  static final long HERTZ = 1_193_182;

  private static final long NANOS = 1_000_000_000;
  private static final int FULL = 0x10000;
  private static final int ACCESS_LATCH = 0;
  private static final int ACCESS_LOW = 1;
  private static final int ACCESS_HIGH = 2;
  private static final int STATUS_OUT = 0x80;
  private static final int STATUS_NULL_COUNT = 0x40;
  private static final int NOTHING = -1;

  private final GuestTimers timers;
  private final GuestTimers.Timer timer;
  private final InterruptPin out;

  private int mode = 3;
  private int access = 3;
  private boolean bcd;
  private boolean gate = true;
  private boolean hasCount;
  private boolean loaded;
  private boolean highNext;
  private boolean readsHighNext;
  private int lowWritten;
  private int reload = FULL;
  private long start;

  /** When a low gate stopped the count, {@link #NOTHING} while it goes on. */
  private long stoppedAt = NOTHING;

  private int latchedCount = NOTHING;
  private int latchedStatus = NOTHING;

  PitChannel(GuestTimers timers, InterruptPin out) {
    this.timers = timers;
    this.timer = timers.create(this::edge);
    this.out = out;
  }

  void control(int value) {
    int selected = value >> 4 & 3;
    if (selected == ACCESS_LATCH) {
      latchCount();
      return;
    }
    access = selected;
    int wanted = value >> 1 & 7;
    mode = wanted > 5 ? wanted - 4 : wanted;
    bcd = (value & 1) != 0;
    loaded = false;
    hasCount = false;
    stoppedAt = NOTHING;
    highNext = false;
    readsHighNext = false;
    latchedCount = NOTHING;
    latchedStatus = NOTHING;
    timer.cancel();
  }

  void write(int value) {
    switch (access) {
      case ACCESS_LOW -> load(value);
      case ACCESS_HIGH -> load(value << 8);
      default -> {
        if (highNext) {
          load(lowWritten | value << 8);
        } else {
          lowWritten = value;
        }
        highNext = !highNext;
      }
    }
  }

  int read() {
    if (latchedStatus != NOTHING) {
      int status = latchedStatus;
      latchedStatus = NOTHING;
      return status;
    }
    int value = latchedCount != NOTHING ? latchedCount : count();
    boolean high = access == ACCESS_HIGH || (access == 3 && readsHighNext);
    if (access != 3 || readsHighNext) {
      latchedCount = NOTHING;
    } else if (latchedCount == NOTHING) {
      // Both halves come from one moment, or a carry between the reads would show.
      latchedCount = value;
    }
    readsHighNext = access == 3 && !readsHighNext;
    return (high ? value >> 8 : value) & 0xFF;
  }

  void latchCount() {
    if (latchedCount == NOTHING) {
      latchedCount = count();
    }
  }

  void latchStatus() {
    if (latchedStatus == NOTHING) {
      latchedStatus =
          (output() ? STATUS_OUT : 0)
              | (loaded ? 0 : STATUS_NULL_COUNT)
              | access << 4
              | mode << 1
              | (bcd ? 1 : 0);
    }
  }

  boolean gate() {
    return gate;
  }

  /**
   * Modes 1 and 5 begin with a rising edge of the gate, modes 2 and 3 begin anew; modes 0 and 4
   * count while it is high.
   */
  void setGate(boolean high) {
    boolean rises = high && !gate;
    boolean falls = !high && gate;
    gate = high;
    if (mode == 1 || mode == 5) {
      if (rises && hasCount) {
        begin();
      }
    } else if (rises && loaded) {
      if (mode == 2 || mode == 3) {
        begin();
      } else {
        start += timers.now() - stoppedAt;
        stoppedAt = NOTHING;
        schedule(1);
      }
    } else if (falls && loaded) {
      stoppedAt = timers.now();
      timer.cancel();
    }
  }

  /** Returns OUT. */
  boolean output() {
    long ticks = ticks();
    return switch (mode) {
      case 0 -> loaded && ticks >= reload;
      case 1 -> !loaded || ticks >= reload;
      case 2 -> !loaded || !gate || ticks % reload != reload - 1;
      case 3 -> !loaded || !gate || ticks % reload < (reload + 1) / 2;
      default -> !loaded || ticks != reload;
    };
  }

  private void load(int value) {
    int binary = bcd ? fromBcd(value) : value;
    reload = binary == 0 ? (bcd ? 10_000 : FULL) : binary;
    hasCount = true;
    if (mode != 1 && mode != 5) {
      begin();
    }
  }

  private void begin() {
    loaded = true;
    start = timers.now();
    if (gate || mode == 1 || mode == 5) {
      stoppedAt = NOTHING;
      schedule(1);
    } else {
      stoppedAt = start;
    }
  }

  /** Sets the timer to the end of the {@code n}th period. */
  private void schedule(long n) {
    if (out != InterruptPin.UNCONNECTED) {
      timer.set(start + nanos(n * reload));
    }
  }

  private void edge() {
    out.pulse();
    if (mode == 2 || mode == 3) {
      // Periods that went by unseen aren't made up for.
      schedule(ticks() / reload + 1);
    }
  }

  private int count() {
    long ticks = ticks();
    long count =
        switch (mode) {
          case 2 -> reload - ticks % reload;
          case 3 -> reload - 2 * ticks % reload & -2;
          default -> reload - ticks;
        };
    int shown = (int) (count & 0xFFFF);
    return bcd ? toBcd((int) Math.floorMod(count, 10_000L)) : shown;
  }

  private long ticks() {
    if (!loaded) {
      return 0;
    }
    long nanos = (stoppedAt == NOTHING ? timers.now() : stoppedAt) - start;
    // In two parts, because the product of a long run doesn't fit.
    return nanos / NANOS * HERTZ + nanos % NANOS * HERTZ / NANOS;
  }

  /** Returns the first nanosecond at which {@code ticks} are over. */
  private static long nanos(long ticks) {
    long seconds = ticks / HERTZ;
    long rest = ticks % HERTZ;
    return seconds * NANOS + (rest * NANOS + HERTZ - 1) / HERTZ;
  }

  private static int fromBcd(int value) {
    return (value >> 12 & 15) * 1000
        + (value >> 8 & 15) * 100
        + (value >> 4 & 15) * 10
        + (value & 15);
  }

  private static int toBcd(int value) {
    return (value / 1000) << 12 | (value / 100 % 10) << 8 | (value / 10 % 10) << 4 | (value % 10);
  }

  /** Number of values that {@link #save} writes. */
  static final int STATE = 9;

  void save(long[] state, int at) {
    state[at] =
        mode
            | access << 4
            | (bcd ? 1 << 8 : 0)
            | (gate ? 1 << 9 : 0)
            | (loaded ? 1 << 10 : 0)
            | (hasCount ? 1 << 11 : 0);
    state[at + 1] = (highNext ? 1 : 0) | (readsHighNext ? 2 : 0);
    state[at + 2] = lowWritten;
    state[at + 3] = reload;
    state[at + 4] = start;
    state[at + 5] = latchedCount;
    state[at + 6] = latchedStatus;
    state[at + 7] = timer.deadline();
    state[at + 8] = stoppedAt;
  }

  void restore(long[] state, int at) {
    mode = (int) state[at] & 15;
    access = (int) state[at] >> 4 & 3;
    bcd = (state[at] >> 8 & 1) != 0;
    gate = (state[at] >> 9 & 1) != 0;
    loaded = (state[at] >> 10 & 1) != 0;
    hasCount = (state[at] >> 11 & 1) != 0;
    highNext = (state[at + 1] & 1) != 0;
    readsHighNext = (state[at + 1] & 2) != 0;
    lowWritten = (int) state[at + 2];
    reload = (int) Math.max(1, Math.min(FULL, state[at + 3]));
    start = state[at + 4];
    latchedCount = (int) state[at + 5];
    latchedStatus = (int) state[at + 6];
    stoppedAt = state[at + 8];
    timer.set(state[at + 7]);
  }
}
