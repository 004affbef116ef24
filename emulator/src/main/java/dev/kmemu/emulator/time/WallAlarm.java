package dev.kmemu.emulator.time;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Waits for deadlines of the host's clock on a thread of its own, which exists from the first
 * deadline on. It wakes the CPU once for each deadline and then waits for the CPU to serve it, and
 * while the clock stands it sleeps, so that it never spins.
 */
final class WallAlarm implements DeadlineAlarm {

  private final WallClock clock;
  private final Runnable wake;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long deadline = GuestTimers.NONE;
  private long awaited = GuestTimers.NONE;
  private volatile boolean woken;
  private boolean closed;
  private @Nullable Thread thread;

  WallAlarm(WallClock clock, Runnable wake) {
    this.clock = clock;
    this.wake = wake;
  }

  @Override
  public void set(long next, boolean onCpu) {
    lock.lock();
    try {
      deadline = next;
      if (thread == null && next != GuestTimers.NONE && !closed) {
        thread = new Thread(this::live, "kmemu-timers");
        thread.setDaemon(true);
        thread.start();
      } else if (next < awaited) {
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** The CPU looks after it was woken: what it doesn't see here, it sees then. */
  @Override
  public void served() {
    if (woken) {
      lock.lock();
      try {
        woken = false;
        changed.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void clockGoes() {
    lock.lock();
    try {
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void live() {
    while (awaitDeadline()) {
      wake.run();
    }
  }

  /** Returns when a deadline has come (true) or no more will (false). */
  private boolean awaitDeadline() {
    lock.lock();
    try {
      while (!closed) {
        long next = woken || !clock.isRunning() ? GuestTimers.NONE : deadline;
        long away = next == GuestTimers.NONE ? GuestTimers.NONE : next - clock.nanos();
        if (away <= 0) {
          woken = true;
          return true;
        }
        awaited = next;
        if (next == GuestTimers.NONE) {
          changed.await();
        } else {
          changed.await(away, TimeUnit.NANOSECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    return false;
  }
}
