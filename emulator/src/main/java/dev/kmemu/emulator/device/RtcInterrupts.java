package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;
import java.time.Instant;
import java.util.function.LongUnaryOperator;

/**
 * The three interrupts of an MC146818: periodic, alarm and update-ended (Motorola MC146818A data
 * sheet, "Interrupts"). What has happened since register C was last read follows from the time of
 * that reading, so that a clock whose interrupts are off costs no timer. On the CPU's thread.
 */
final class RtcInterrupts {

  /** The enables of register B, and the flags of register C. */
  static final int PERIODIC = 0x40;

  static final int ALARM = 0x20;
  static final int UPDATE_ENDED = 0x10;
  private static final int ANY = PERIODIC | ALARM | UPDATE_ENDED;
  private static final int SET = 0x80;
  private static final int REQUEST = 0x80;

  private static final long SECOND = 1_000_000_000L;
  private static final int RATE = 0x0F;
  private static final int CRYSTAL_HZ = 32_768;

  private final GuestTimers timers;
  private final GuestTimers.Timer timer;
  private final InterruptPin pin;
  private final Instant began;
  private final LongUnaryOperator nextAlarm;
  private int rate;
  private int control;
  private long lastRead;

  /**
   * Creates the interrupts.
   *
   * @param nextAlarm gives the first second of the alarm behind a second, both since 1970
   */
  RtcInterrupts(GuestTimers timers, InterruptPin pin, Instant began, LongUnaryOperator nextAlarm) {
    this.timers = timers;
    this.pin = pin;
    this.began = began;
    this.nextAlarm = nextAlarm;
    timer = timers.create(() -> pin.set(true));
  }

  /** Takes registers A and B, and whatever else the alarm follows from. */
  void set(int registerA, int registerB) {
    rate = registerA & RATE;
    control = registerB;
    if ((pending(timers.now()) & control & ANY) == 0) {
      pin.set(false);
    }
    schedule();
  }

  /** Reads register C, which clears it. */
  int read() {
    // One look at the clock: what comes between two would be neither seen nor awaited.
    long now = timers.now();
    int flags = pending(now);
    lastRead = now;
    pin.set(false);
    schedule();
    return (flags & control & ANY) != 0 ? flags | REQUEST : flags;
  }

  private int pending(long now) {
    return (next(PERIODIC) <= now ? PERIODIC : 0)
        | (next(ALARM) <= now ? ALARM : 0)
        | (next(UPDATE_ENDED) <= now ? UPDATE_ENDED : 0);
  }

  private void schedule() {
    long first = GuestTimers.NONE;
    for (int flag = UPDATE_ENDED; flag <= PERIODIC; flag <<= 1) {
      if ((control & flag) != 0) {
        first = Math.min(first, next(flag));
      }
    }
    if (first == GuestTimers.NONE) {
      timer.cancel();
    } else {
      timer.set(first);
    }
  }

  /** Returns when the flag was, or will be, set for the first time since register C was read. */
  private long next(int flag) {
    if (flag == PERIODIC) {
      return rate == 0 ? GuestTimers.NONE : (lastRead / period() + 1) * period();
    }
    if ((control & SET) != 0) {
      return GuestTimers.NONE;
    }
    long second = Math.floorDiv(began.getNano() + lastRead, SECOND) + began.getEpochSecond();
    long found = flag == ALARM ? nextAlarm.applyAsLong(second) : second + 1;
    return found == GuestTimers.NONE
        ? found
        : (found - began.getEpochSecond()) * SECOND - began.getNano();
  }

  /** Rates 1 and 2 are those of 8 and 9, because the divider has no faster taps. */
  private long period() {
    int shift = rate < 3 ? rate + 6 : rate - 1;
    return (SECOND << shift) / CRYSTAL_HZ;
  }

  long lastRead() {
    return lastRead;
  }

  /** Goes back to what {@link #lastRead} returned; {@link #set} follows. */
  void setLastRead(long nanos) {
    lastRead = nanos;
  }
}
