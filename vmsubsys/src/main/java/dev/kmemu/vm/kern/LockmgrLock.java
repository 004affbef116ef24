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
    this.wmesg = wmesg;
    this.name = name;
  }

  /** {@code LK_EXCLUSIVE}. */
  public void lockExclusive() {
    Thread me = Thread.currentThread();
    if (owner == me) {
      throw KernelPanic.in("lockmgr: locking against myself", name, wmesg);
    }
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
    boolean interrupted = false;
    Waiting entry = new Waiting(td, request);
    synchronized (this) {
      waiting.add(entry);
      waiters = waiters + 1;
      if (request != Request.SHARED) {
        exclusiveWanted = exclusiveWanted + 1;
      }
      while (!tryAcquire(request)) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      waiting.remove(entry);
      waiters = waiters - 1;
      if (request != Request.SHARED) {
        exclusiveWanted = exclusiveWanted - 1;
      }
      if (request == Request.UPGRADE) {
        upgradePending = false;
      }
    }
    td.endWait();
    td.reacquireTokens();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void wakeWaiters() {
    if (waiters > 0) {
      synchronized (this) {
        notifyAll();
      }
    }
  }
}
