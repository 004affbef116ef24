package dev.kmemu.vm.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A lockmgr lock ({@code sys/kern/kern_lock.c}): shared or exclusive, not recursive. A thread that
 * blocks on it gives up its tokens meanwhile. Waiting exclusive requests hold off new shared ones.
 */
public final class LockmgrLock {

  private static final VarHandle STATE;
  private static final int FREE = 0;
  private static final int EXCLUSIVE = -1;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(LockmgrLock.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * Who has a lock and who wants it.
   *
   * @param owner the exclusive holder
   * @param readers the number of shared holders
   * @param lastReader the last thread that got the lock shared, if there are shared holders
   */
  public record Holders(
      String lock,
      Optional<String> owner,
      int readers,
      Optional<String> lastReader,
      List<Waiter> waiters) {}

  /**
   * A thread that waits for a lock.
   *
   * @param nanos how long it has waited
   */
  public record Waiter(String thread, String request, long nanos) {}

  private record Waiting(LwktThread td, Request request) {}

  private final String wmesg;
  private final String name;
  private final @Nullable ThreadScheduler scheduler;
  private final List<Waiting> waiting = new ArrayList<>();

  /** For reports; written without care. */
  private @Nullable Thread lastReader;

  /** {@link #FREE}, {@link #EXCLUSIVE} or the number of shared holders. */
  @SuppressWarnings("UnusedVariable") // written through STATE
  private volatile int state;

  private volatile int waiters;
  private volatile int exclusiveWanted;
  private volatile @Nullable Thread owner;
  private boolean upgradePending;

  /** How often those who wait were told to look again. */
  private volatile int wakeups;

  /** Creates a free lock that is known by its {@code wmesg}. */
  public LockmgrLock(String wmesg) {
    this(wmesg, wmesg);
  }

  /**
   * Creates a free lock.
   *
   * @param wmesg what those who wait for it are said to wait for
   * @param name which lock it is, for panics and reports
   */
  public LockmgrLock(String wmesg, String name) {
    this(wmesg, name, null);
  }

  /** Creates the same for threads that {@code scheduler} chooses from, null for nobody. */
  public LockmgrLock(String wmesg, String name, @Nullable ThreadScheduler scheduler) {
    this.wmesg = wmesg;
    this.name = name;
    this.scheduler = scheduler;
  }

  /** {@code LK_EXCLUSIVE}. */
  public void lockExclusive() {
    Thread me = Thread.currentThread();
    if (owner == me) {
      throw KernelPanic.in("lockmgr: locking against myself", name, wmesg);
    }
    mayPreempt("lockmgr: exclusive");
    if (!STATE.compareAndSet(this, FREE, EXCLUSIVE)) {
      block(Request.EXCLUSIVE);
    }
    owner = me;
  }

  /** {@code LK_SHARED}; an exclusive holder is downgraded. */
  public void lockShared() {
    if (owner == Thread.currentThread()) {
      downgrade();
    } else {
      mayPreempt("lockmgr: shared");
      if (!tryShared()) {
        block(Request.SHARED);
      }
      lastReader = Thread.currentThread();
    }
  }

  /** {@code LK_SHARED | LK_NOWAIT}: whether the lock could be had at once. */
  public boolean tryLockShared() {
    return tryShared();
  }

  /**
   * {@code LK_EXCLUPGRADE}: from shared to exclusive.
   *
   * @return false when another thread upgrades already; the shared lock is lost then
   */
  public boolean upgrade() {
    if (state <= 0) {
      throw KernelPanic.in("lockmgr: upgrade exclusive lock", name, wmesg);
    }
    if (!STATE.compareAndSet(this, 1, EXCLUSIVE)) {
      synchronized (this) {
        if (upgradePending) {
          unlockShared();
          return false;
        }
        upgradePending = true;
      }
      block(Request.UPGRADE);
    }
    owner = Thread.currentThread();
    return true;
  }

  /** {@code LK_DOWNGRADE}: from exclusive to shared. */
  public void downgrade() {
    if (owner != Thread.currentThread()) {
      throw KernelPanic.in("lockmgr: not holding exclusive lock", name, wmesg);
    }
    owner = null;
    lastReader = Thread.currentThread();
    STATE.setVolatile(this, 1);
    wakeWaiters();
    mayPreempt("lockmgr: downgrade");
  }

  /** {@code LK_RELEASE}. */
  public void unlock() {
    if (owner == Thread.currentThread()) {
      owner = null;
      STATE.setVolatile(this, FREE);
      wakeWaiters();
    } else {
      unlockShared();
    }
    mayPreempt("lockmgr: release");
  }

  private void mayPreempt(String where) {
    if (scheduler != null) {
      scheduler.mayPreempt(where);
    }
  }

  /** Whether the calling thread holds the lock exclusively. */
  public boolean isHeldExclusively() {
    return owner == Thread.currentThread();
  }

  /** Whether anybody holds the lock. */
  public boolean isLocked() {
    return state != FREE;
  }

  /** Returns who has the lock and who wants it at the moment. Any thread may ask. */
  public synchronized Holders holders() {
    Thread exclusive = owner;
    int readers = Math.max(0, state);
    Thread reader = lastReader;
    return new Holders(
        name,
        Optional.ofNullable(exclusive).map(Thread::getName),
        readers,
        readers == 0 ? Optional.empty() : Optional.ofNullable(reader).map(Thread::getName),
        waiting.stream()
            .map(w -> new Waiter(w.td().name(), w.request().text, w.td().waitedNanos()))
            .toList());
  }

  private void unlockShared() {
    int seen;
    do {
      seen = state;
      if (seen <= 0) {
        throw KernelPanic.in(
            seen == FREE
                ? "lockmgr: LK_RELEASE: no lock held"
                : "lockmgr: not exclusive lock holder",
            name,
            wmesg);
      }
    } while (!STATE.compareAndSet(this, seen, seen - 1));
    wakeWaiters();
  }

  private boolean tryShared() {
    while (exclusiveWanted == 0) {
      int seen = state;
      if (seen < 0) {
        return false;
      }
      if (STATE.compareAndSet(this, seen, seen + 1)) {
        return true;
      }
    }
    return false;
  }

  private enum Request {
    SHARED("shared"),
    EXCLUSIVE("exclusive"),
    UPGRADE("an upgrade");

    private final String text;

    Request(String text) {
      this.text = text;
    }
  }

  private boolean tryAcquire(Request request) {
    return switch (request) {
      case SHARED -> tryShared();
      case EXCLUSIVE -> !upgradePending && STATE.compareAndSet(this, FREE, EXCLUSIVE);
      case UPGRADE -> STATE.compareAndSet(this, 1, EXCLUSIVE);
    };
  }

  private void block(Request request) {
    LwktThread td = LwktThread.current();
    td.beginWait(wmesg);
    td.releaseTokens();
    Waiting entry = new Waiting(td, request);
    if (scheduler == null) {
      acquire(entry);
    } else {
      acquire(entry, scheduler);
    }
    td.endWait();
    td.reacquireTokens();
  }

  private synchronized void acquire(Waiting entry) {
    boolean interrupted = false;
    begin(entry);
    while (!tryAcquire(entry.request())) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    end(entry);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void acquire(Waiting entry, ThreadScheduler chooser) {
    synchronized (this) {
      begin(entry);
    }
    while (true) {
      int seen;
      synchronized (this) {
        if (tryAcquire(entry.request())) {
          end(entry);
          return;
        }
        seen = wakeups;
      }
      chooser.await(this, wmesg, () -> wakeups != seen, false);
    }
  }

  /** Under the monitor; others only read. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void begin(Waiting entry) {
    waiting.add(entry);
    waiters++;
    exclusiveWanted += entry.request() == Request.SHARED ? 0 : 1;
  }

  /** Under the monitor; others only read. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void end(Waiting entry) {
    waiting.remove(entry);
    waiters--;
    exclusiveWanted -= entry.request() == Request.SHARED ? 0 : 1;
    upgradePending &= entry.request() != Request.UPGRADE;
  }

  private void wakeWaiters() {
    if (waiters > 0) {
      wake();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // under the monitor; others only read
  private synchronized void wake() {
    wakeups++;
    notifyAll();
  }

  @Override
  public String toString() {
    return name;
  }
}
