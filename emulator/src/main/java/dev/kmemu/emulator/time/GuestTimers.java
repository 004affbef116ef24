package dev.kmemu.emulator.time;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * What waits for guest time. Timers fire on the CPU's thread, one after the other in the order of
 * their deadlines, so that a device needs no lock for them.
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
        waiting.remove(this);
        deadline = nanos;
        order = ++orders;
        waiting.add(this);
      }
      deadlineChanged();
    }

    /** Doesn't fire. */
    public void cancel() {
      synchronized (waiting) {
        waiting.remove(this);
        deadline = NONE;
      }
      deadlineChanged();
    }

    /** Returns when it fires, {@link #NONE} when it doesn't. */
    public long deadline() {
      synchronized (waiting) {
        return deadline;
      }
    }
  }

  private final GuestClock clock;
  private final Runnable wake;
  private final PriorityQueue<Timer> waiting =
      new PriorityQueue<>(
          Comparator.<Timer>comparingLong(timer -> timer.deadline)
              .thenComparingLong(timer -> timer.order));
  private final @Nullable Thread waker;
  private long orders;
  private boolean closed;

  /**
   * Creates an empty set.
   *
   * @param wake makes the CPU's thread call {@link #fireDue}; from any thread
   */
  public GuestTimers(GuestClock clock, Runnable wake) {
    this.clock = clock;
    this.wake = wake;
    if (clock instanceof InstructionClock) {
      waker = null;
    } else {
      waker = new Thread(this::wakeAtDeadlines, "kmemu-timers");
      waker.setDaemon(true);
      waker.start();
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

  /** Fires what is due, on the CPU's thread. */
  public void fireDue() {
    while (true) {
      Timer due;
      synchronized (waiting) {
        due = waiting.peek();
        if (due == null || due.deadline > clock.nanos()) {
          return;
        }
        waiting.poll();
        due.deadline = NONE;
      }
      due.action.run();
      deadlineChanged();
    }
  }

  /** Returns when the next timer fires, or {@link #NONE}. */
  public long nextDeadline() {
    synchronized (waiting) {
      Timer next = waiting.peek();
      return next == null ? NONE : next.deadline;
    }
  }

  /**
   * Lets guest time jump to the next deadline, where the clock can: the CPU has nothing to do until
   * then. On the CPU's thread.
   *
   * @return whether it has jumped
   */
  public boolean skipToDeadline() {
    long next = nextDeadline();
    if (next == NONE || !(clock instanceof InstructionClock virtual)) {
      return false;
    }
    virtual.skipTo(next);
    return true;
  }

  @Override
  public void close() {
    synchronized (waiting) {
      closed = true;
      waiting.clear();
      waiting.notifyAll();
    }
  }

  /** Notes that guest time is another one now. On the CPU's thread. */
  public void clockChanged() {
    deadlineChanged();
  }

  private void deadlineChanged() {
    if (clock instanceof InstructionClock virtual) {
      virtual.alarmAt(nextDeadline());
    } else {
      synchronized (waiting) {
        waiting.notifyAll();
      }
    }
  }

  private void wakeAtDeadlines() {
    while (true) {
      synchronized (waiting) {
        if (closed) {
          return;
        }
        long away = nextDeadline() == NONE ? NONE : nextDeadline() - clock.nanos();
        if (away > 0) {
          await(away);
          continue;
        }
      }
      wake.run();
      awaitProgress();
    }
  }

  /** The CPU needs a moment to fire; until then the deadline stays where it is. */
  private void awaitProgress() {
    synchronized (waiting) {
      if (!closed && nextDeadline() <= clock.nanos()) {
        await(1_000_000);
      }
    }
  }

  private void await(long nanos) {
    try {
      long millis = Math.min(nanos / 1_000_000, 1_000);
      int rest = millis == 1_000 ? 0 : (int) (nanos % 1_000_000);
      if (millis > 0 || rest > 0) {
        waiting.wait(millis, rest);
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
