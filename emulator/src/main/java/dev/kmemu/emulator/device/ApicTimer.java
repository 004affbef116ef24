package dev.kmemu.emulator.device;

import dev.kmemu.emulator.time.GuestTimers;
import java.util.function.LongSupplier;

/**
 * The timer of a local APIC (Intel SDM vol. 3A, 10.5.4). The count isn't kept, but when it began.
 * On the CPU's thread.
 */
final class ApicTimer {

  /** Counts per second before they are divided: the crystal of CPUID leaf 0x15. */
  static final long HERTZ = 25_000_000;

  static final int ONE_SHOT = 0;
  static final int PERIODIC = 1;
  static final int DEADLINE = 2;

  /** Number of values that {@link #save} writes. */
  static final int STATE = 5;

  private static final long COUNT_NANOS = 1_000_000_000 / HERTZ;
  private static final int DIVIDE_BITS = 0xB;
  private static final long COUNT = 0xFFFF_FFFFL;

  private final GuestTimers timers;
  private final GuestTimers.Timer timer;
  private final LongSupplier timeStampOffset;
  private final Runnable fires;

  private int mode;
  private int divide;
  private long initial;

  /** When the count was the initial one; {@link GuestTimers#NONE} while nothing counts. */
  private long start = GuestTimers.NONE;

  /** IA32_TSC_DEADLINE: the TSC's value, 0 for none. */
  private long deadline;

  /**
   * Creates a timer that stands.
   *
   * @param timeStampOffset what the TSC is ahead of guest time
   * @param fires the timer's interrupt
   */
  ApicTimer(GuestTimers timers, LongSupplier timeStampOffset, Runnable fires) {
    this.timers = timers;
    this.timeStampOffset = timeStampOffset;
    this.fires = fires;
    timer = timers.create(this::due);
  }

  void reset() {
    mode = ONE_SHOT;
    divide = 0;
    initial = 0;
    stop();
  }

  /** A change to or from the deadline mode disarms the timer. */
  void setMode(int wanted) {
    if (wanted != mode && (wanted == DEADLINE || mode == DEADLINE)) {
      stop();
    }
    mode = wanted;
  }

  int divide() {
    return divide;
  }

  /** Divides what is left of the count, too. */
  void setDivide(int value) {
    long left = current();
    divide = value & DIVIDE_BITS;
    if (start != GuestTimers.NONE) {
      start = timers.now() - (initial - left) * countNanos();
      arm();
    }
  }

  long initial() {
    return initial;
  }

  void setInitial(long count) {
    if (mode == DEADLINE) {
      return;
    }
    stop();
    initial = count & COUNT;
    if (initial != 0) {
      start = timers.now();
      arm();
    }
  }

  long current() {
    if (start == GuestTimers.NONE) {
      return 0;
    }
    long passed = (timers.now() - start) / countNanos();
    if (mode == PERIODIC) {
      return initial - passed % initial;
    }
    return Math.max(0, initial - passed);
  }

  long deadline() {
    return deadline;
  }

  /** Arms the timer for a value of the TSC, 0 to disarm it; nothing in the other modes. */
  void setDeadline(long timeStamp) {
    if (mode == DEADLINE) {
      deadline = timeStamp;
      arm();
    }
  }

  /** Says that the TSC has been set. */
  void timeStampChanged() {
    if (deadline != 0) {
      arm();
    }
  }

  private void stop() {
    start = GuestTimers.NONE;
    deadline = 0;
    timer.cancel();
  }

  private void arm() {
    if (deadline != 0) {
      long at = deadline - timeStampOffset.getAsLong();
      if (at <= timers.now()) {
        due();
      } else {
        timer.set(at);
      }
    } else if (start != GuestTimers.NONE) {
      timer.set(start + initial * countNanos());
    } else {
      timer.cancel();
    }
  }

  /** A period that the host couldn't keep up with is lost, not made up for. */
  private void due() {
    long period = initial * countNanos();
    if (deadline != 0) {
      stop();
    } else if (mode == PERIODIC) {
      start += Math.max(1, (timers.now() - start) / period) * period;
      timer.set(start + period);
    } else {
      start = GuestTimers.NONE;
    }
    fires.run();
  }

  /** Bits 0, 1 and 3: by 2 to 128, and 7 for by 1. */
  private long countNanos() {
    int power = ((divide & 3) + ((divide & 8) >> 1) + 1) & 7;
    return COUNT_NANOS << power;
  }

  void save(long[] state, int at) {
    state[at] = mode;
    state[at + 1] = divide;
    state[at + 2] = initial;
    state[at + 3] = start;
    state[at + 4] = deadline;
  }

  void restore(long[] state, int at) {
    mode = (int) state[at] & 3;
    divide = (int) state[at + 1] & DIVIDE_BITS;
    initial = state[at + 2] & COUNT;
    start = initial == 0 ? GuestTimers.NONE : state[at + 3];
    deadline = state[at + 4];
    if (deadline != 0) {
      timer.set(deadline - timeStampOffset.getAsLong());
    } else {
      arm();
    }
  }
}
