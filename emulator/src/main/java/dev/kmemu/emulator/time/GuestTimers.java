package dev.kmemu.emulator.time;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What waits for guest time. Timers fire on the CPU's thread, one after the other in the order of
 * their deadlines, and those of the same deadline in the order in which they were set, so that a
 * device needs no lock for them. They may be set from any thread; a run repeats exactly only when
 * the CPU's thread sets them.
 */
public final class GuestTimers implements AutoCloseable {

  /** What {@link #nextDeadline} returns when nothing waits. */
  public static final long NONE = Long.MAX_VALUE;

  /** A handle on something that waits. */
  public final class Timer {

    private final Runnable action;
    private long deadline = NONE;
    private long order;

    private Timer(Runnable action) {
      this.action = action;
    }

    /** Fires at {@code nanos} of guest time, in place of any earlier setting. */
    public void set(long nanos) {
      synchronized (waiting) {
        remove();
        if (nanos != NONE) {
          deadline = nanos;
          order = ++orders;
          waiting.add(this);
        }
        deadlineChanged();
      }
    }

    /** Doesn't fire. */
    public void cancel() {
      set(NONE);
    }

    /** Returns when it fires, {@link #NONE} when it doesn't. */
    public long deadline() {
      synchronized (waiting) {
        return deadline;
      }
    }

    private void remove() {
      if (deadline != NONE) {
        waiting.remove(this);
        deadline = NONE;
      }
    }
  }

  private final GuestClock clock;
  private final DeadlineAlarm alarm;
  private final TreeSet<Timer> waiting =
      new TreeSet<>(
          Comparator.<Timer>comparingLong(timer -> timer.deadline)
              .thenComparingLong(timer -> timer.order));
  private volatile @Nullable Thread cpu;
  private volatile long next = NONE;
  private long orders;

  /**
   * Creates an empty set.
   *
   * @param clock a {@link WallClock} or an {@link InstructionClock}
   * @param wake makes the CPU's thread call {@link #fireDue}; from any thread
   */
  public GuestTimers(GuestClock clock, Runnable wake) {
    this.clock = clock;
    if (clock instanceof InstructionClock counting) {
      alarm = new InstructionAlarm(counting, wake);
    } else if (clock instanceof WallClock wall) {
      alarm = new WallAlarm(wall, wake);
    } else {
      throw new IllegalArgumentException("no timers go by " + clock);
    }
  }

  /** Creates a timer that isn't set. */
  public Timer create(Runnable action) {
    return new Timer(action);
  }

  /** Returns the guest time that the timers go by. */
  public long now() {
    return clock.nanos();
  }

  /**
   * Fires what is due, on the CPU's thread. What its actions set to a time that has come already
   * may wait for the next call, so that a timer which is faster than the host lets the guest run.
   */
  public void fireDue() {
    if (cpu != Thread.currentThread()) {
      cpu = Thread.currentThread();
    }
    if (next != NONE && next <= clock.nanos()) {
      int most;
      synchronized (waiting) {
        most = waiting.size();
      }
      for (int fired = 0; fired < most; fired++) {
        Timer due = takeDue();
        if (due == null) {
          break;
        }
        due.action.run();
      }
    }
    alarm.served();
  }

  private @Nullable Timer takeDue() {
    synchronized (waiting) {
      if (waiting.isEmpty() || waiting.first().deadline > clock.nanos()) {
        return null;
      }
      Timer due = waiting.first();
      due.remove();
      deadlineChanged();
      return due;
    }
  }

  /** Returns when the next timer fires, or {@link #NONE}. */
  public long nextDeadline() {
    return next;
  }

  /**
   * Lets guest time jump to the next deadline, where the clock can: the CPU has nothing to do until
   * then. On the CPU's thread.
   *
   * @return whether it has jumped
   */
  public boolean skipToDeadline() {
    long deadline = next;
    if (deadline == NONE || !(clock instanceof InstructionClock counting)) {
      return false;
    }
    counting.skipTo(deadline);
    return true;
  }

  /** Says that a clock that stood goes again. */
  public void clockGoes() {
    alarm.clockGoes();
  }

  @Override
  public void close() {
    alarm.close();
  }

  /** Notes that guest time is another one now. On the CPU's thread. */
  public void clockChanged() {
    synchronized (waiting) {
      // The same deadline is another time away.
      alarm.set(next, Thread.currentThread() == cpu);
    }
    alarm.clockGoes();
  }

  private void deadlineChanged() {
    long first = waiting.isEmpty() ? NONE : waiting.first().deadline;
    if (first != next) {
      next = first;
      alarm.set(first, Thread.currentThread() == cpu);
    }
  }
}
