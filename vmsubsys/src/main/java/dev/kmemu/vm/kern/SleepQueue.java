package dev.kmemu.vm.kern;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code tsleep} and {@code wakeup} ({@code sys/kern/kern_synch.c}). A channel is any object, by
 * identity; it has no memory of a wakeup that nobody waited for.
 *
 * <p>A thread that must not miss a wakeup calls {@link #interlock} while it still holds the lock
 * under which the condition changes, drops the lock, and calls {@link #sleepInterlocked}. Sleeps
 * aren't interruptible; a Java interrupt is kept for later.
 */
public final class SleepQueue {

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable LwktThread head;
  private final AtomicInteger sleepers = new AtomicInteger();

  /** {@code tsleep_interlock}: from here on a wakeup of {@code channel} ends the coming sleep. */
  public void interlock(Object channel) {
    LwktThread td = LwktThread.current();
    lock.lock();
    try {
      if (td.channel == null) {
        td.nextSleeper = head;
        head = td;
        sleepers.incrementAndGet();
      }
      td.channel = channel;
    } finally {
      lock.unlock();
    }
  }

  /** {@code tsleep(channel, 0, wmesg, 0)}: sleeps until a wakeup that comes after the call. */
  public void sleep(Object channel, String wmesg) {
    interlock(channel);
    sleepInterlocked(channel, wmesg);
  }

  /** {@code tsleep} with {@code PINTERLOCKED}: sleeps unless a wakeup came since the interlock. */
  public void sleepInterlocked(Object channel, String wmesg) {
    LwktThread td = LwktThread.current();
    td.releaseTokens();
    boolean interrupted = false;
    while (td.channel == channel) {
      LockSupport.park(wmesg);
      interrupted |= Thread.interrupted();
    }
    td.reacquireTokens();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@code wakeup}: ends every sleep on {@code channel}. */
  public void wakeup(Object channel) {
    if (sleepers.get() == 0) {
      return;
    }
    lock.lock();
    try {
      LwktThread previous = null;
      for (LwktThread td = head; td != null; ) {
        LwktThread next = td.nextSleeper;
        if (td.channel == channel) {
          if (previous == null) {
            head = next;
          } else {
            previous.nextSleeper = next;
          }
          td.nextSleeper = null;
          sleepers.decrementAndGet();
          td.channel = null;
          LockSupport.unpark(td.thread);
        } else {
          previous = td;
        }
        td = next;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Returns how many threads wait on {@code channel}. */
  public int sleepersOn(Object channel) {
    lock.lock();
    try {
      int count = 0;
      for (LwktThread td = head; td != null; td = td.nextSleeper) {
        if (td.channel == channel) {
          count++;
        }
      }
      return count;
    } finally {
      lock.unlock();
    }
  }
}
