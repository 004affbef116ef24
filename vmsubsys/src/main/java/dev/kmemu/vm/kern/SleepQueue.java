package dev.kmemu.vm.kern;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * {@code tsleep} and {@code wakeup} ({@code sys/kern/kern_synch.c}). A channel is any object, by
 * identity; it has no memory of a wakeup that nobody waited for. A sleeping thread's tokens are
 * free for others; it has them back when the call returns.
 *
 * <p>A thread that must not miss a wakeup calls {@link #interlock} while it still holds the lock
 * under which the condition changes, drops the lock, and sleeps with {@link #PINTERLOCKED}.
 */
public final class SleepQueue {

  /** A Java interrupt ends the sleep; without it, it is kept for later. */
  public static final int PCATCH = 0x0100;

  /** The sleep began with {@link #interlock}: a wakeup since then ends it at once. */
  public static final int PINTERLOCKED = 0x0400;

  private static final int BUCKETS = 64;
  private static final long PANICKED_PAUSE_NANOS = 100_000;

  /** The sleepers of some channels. */
  static final class Bucket {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable LwktThread head;
    private volatile int sleepers;
  }

  /**
   * A thread that sleeps.
   *
   * @param nanos how long it has slept
   */
  public record Sleeper(String thread, String wmesg, String channel, long nanos) {}

  private final Bucket[] buckets = new Bucket[BUCKETS];
  private final PanicState panics;
  private final @Nullable ThreadScheduler scheduler;
  private volatile @Nullable SleepObserver observer;

  /** Creates the queues of a kernel that never panics. */
  public SleepQueue() {
    this(new PanicState());
  }

  /** Creates the queues of a kernel, in which nobody sleeps after its panic. */
  public SleepQueue(PanicState panics) {
    this(panics, null);
  }

  /** Creates the same for threads that {@code scheduler} chooses from, null for nobody. */
  public SleepQueue(PanicState panics, @Nullable ThreadScheduler scheduler) {
    this.panics = panics;
    this.scheduler = scheduler;
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] = new Bucket();
    }
  }

  /** Has {@code newObserver} told of each sleep from now on; null tells nobody. */
  public void observe(@Nullable SleepObserver newObserver) {
    observer = newObserver;
  }

  /** {@code tsleep_interlock}: from here on a wakeup of {@code channel} ends the coming sleep. */
  public void interlock(Object channel) {
    LwktThread td = LwktThread.current();
    dequeue(td);
    Bucket bucket = bucket(channel);
    bucket.lock.lock();
    try {
      td.nextSleeper = bucket.head;
      bucket.head = td;
      adjust(bucket, 1);
      td.channel = channel;
      td.bucket = bucket;
    } finally {
      bucket.lock.unlock();
    }
  }

  /** {@code tsleep(channel, 0, wmesg, 0)}: sleeps until a wakeup that comes after the call. */
  public void sleep(Object channel, String wmesg) {
    tsleep(channel, 0, wmesg, 0);
  }

  /** {@code tsleep} with {@code PINTERLOCKED}: sleeps unless a wakeup came since the interlock. */
  public void sleepInterlocked(Object channel, String wmesg) {
    tsleep(channel, PINTERLOCKED, wmesg, 0);
  }

  /**
   * {@code tsleep}. Once the kernel has panicked it returns at once, though others may have had the
   * thread's tokens meanwhile.
   *
   * @param flags {@link #PCATCH}, {@link #PINTERLOCKED}
   * @param wmesg why, a short word for reports
   * @param nanos the longest time to sleep, 0 for no limit
   */
  public SleepOutcome tsleep(Object channel, int flags, String wmesg, long nanos) {
    LwktThread td = LwktThread.current();
    if (scheduler != null) {
      scheduler.mayPreempt("tsleep");
    }
    SleepObserver watching = observer;
    if (watching != null) {
      watching.beforeSleep(channel, wmesg);
    }
    if (panics.hasPanicked()) {
      dequeue(td);
      // Whoever sleeps in a loop would keep its tokens from all others for good.
      td.releaseTokens();
      LockSupport.parkNanos(PANICKED_PAUSE_NANOS);
      td.reacquireTokens();
      return SleepOutcome.WOKEN;
    }
    if ((flags & PINTERLOCKED) == 0) {
      interlock(channel);
    }
    td.beginWait(wmesg);
    td.releaseTokens();
    SleepOutcome outcome =
        scheduler == null
            ? block(td, channel, (flags & PCATCH) != 0, nanos)
            : block(scheduler, td, channel, wmesg, nanos != 0);
    td.reacquireTokens();
    td.endWait();
    return outcome;
  }

  private static SleepOutcome block(
      ThreadScheduler scheduler, LwktThread td, Object channel, String wmesg, boolean limited) {
    boolean woken = scheduler.await(channel, wmesg, () -> td.channel != channel, limited);
    return woken || !dequeue(td) ? SleepOutcome.WOKEN : SleepOutcome.TIMED_OUT;
  }

  private static SleepOutcome block(LwktThread td, Object channel, boolean catches, long nanos) {
    long start = System.nanoTime();
    boolean interrupted = false;
    SleepOutcome outcome = SleepOutcome.WOKEN;
    while (td.channel == channel) {
      long left = nanos - (System.nanoTime() - start);
      if (catches && td.thread.isInterrupted()) {
        outcome = dequeue(td) ? SleepOutcome.INTERRUPTED : SleepOutcome.WOKEN;
      } else if (nanos == 0) {
        LockSupport.park(channel);
      } else if (left > 0) {
        LockSupport.parkNanos(channel, left);
      } else {
        outcome = dequeue(td) ? SleepOutcome.TIMED_OUT : SleepOutcome.WOKEN;
      }
      if (!catches) {
        interrupted |= Thread.interrupted();
      }
    }
    if (interrupted) {
      td.thread.interrupt();
    }
    return outcome;
  }

  /** {@code wakeup}: ends every sleep on {@code channel}. */
  public void wakeup(Object channel) {
    wake(channel);
    if (scheduler != null) {
      scheduler.mayPreempt("wakeup");
    }
  }

  private void wake(Object channel) {
    Bucket bucket = bucket(channel);
    if (bucket.sleepers == 0) {
      return;
    }
    bucket.lock.lock();
    try {
      for (LwktThread td = bucket.head; td != null; ) {
        LwktThread next = td.nextSleeper;
        if (td.channel == channel) {
          unlink(bucket, td);
          LockSupport.unpark(td.thread);
        }
        td = next;
      }
    } finally {
      bucket.lock.unlock();
    }
  }

  /** Returns how many threads wait on {@code channel}. */
  public int sleepersOn(Object channel) {
    Bucket bucket = bucket(channel);
    bucket.lock.lock();
    try {
      int count = 0;
      for (LwktThread td = bucket.head; td != null; td = td.nextSleeper) {
        if (td.channel == channel) {
          count++;
        }
      }
      return count;
    } finally {
      bucket.lock.unlock();
    }
  }

  /** Returns who sleeps, the longest sleep first. */
  public List<Sleeper> sleepers() {
    List<Sleeper> sleepers = new ArrayList<>();
    for (Bucket bucket : buckets) {
      bucket.lock.lock();
      try {
        for (LwktThread td = bucket.head; td != null; td = td.nextSleeper) {
          String wmesg = td.wmesg();
          if (wmesg != null) {
            sleepers.add(
                new Sleeper(td.name(), wmesg, String.valueOf(td.channel), td.waitedNanos()));
          }
        }
      } finally {
        bucket.lock.unlock();
      }
    }
    sleepers.sort(Collections.reverseOrder((a, b) -> Long.compare(a.nanos(), b.nanos())));
    return sleepers;
  }

  private Bucket bucket(Object channel) {
    return buckets[System.identityHashCode(channel) % BUCKETS];
  }

  /** Takes a thread off whatever queue it is on; false when a wakeup has done so already. */
  private static boolean dequeue(LwktThread td) {
    Bucket bucket = td.bucket;
    if (bucket == null) {
      return false;
    }
    bucket.lock.lock();
    try {
      if (td.bucket == null) {
        return false;
      }
      unlink(bucket, td);
      return true;
    } finally {
      bucket.lock.unlock();
    }
  }

  private static void unlink(Bucket bucket, LwktThread td) {
    LwktThread previous = null;
    for (LwktThread at = bucket.head; at != null && at != td; at = at.nextSleeper) {
      previous = at;
    }
    if (previous == null) {
      bucket.head = td.nextSleeper;
    } else {
      previous.nextSleeper = td.nextSleeper;
    }
    td.nextSleeper = null;
    adjust(bucket, -1);
    td.bucket = null;
    td.channel = null;
  }

  /** Under the bucket's lock; others only read. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private static void adjust(Bucket bucket, int delta) {
    bucket.sleepers += delta;
  }
}
