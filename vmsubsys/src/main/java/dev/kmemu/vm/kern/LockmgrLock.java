package dev.kmemu.vm.kern;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
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

  private final String wmesg;

  /** {@link #FREE}, {@link #EXCLUSIVE} or the number of shared holders. */
  @SuppressWarnings("UnusedVariable") // written through STATE
  private volatile int state;

  private volatile int waiters;
  private volatile int exclusiveWanted;
  private volatile @Nullable Thread owner;
  private boolean upgradePending;

  /** Creates a free lock; {@code wmesg} names it in panics. */
  public LockmgrLock(String wmesg) {
    this.wmesg = wmesg;
  }

  /** {@code LK_EXCLUSIVE}. */
  public void lockExclusive() {
    Thread me = Thread.currentThread();
    if (owner == me) {
      throw new KernelPanic("lockmgr: locking against myself", wmesg);
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
    } else if (!tryShared()) {
      block(Request.SHARED);
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

  /** {@code LK_DOWNGRADE}. */
  public void downgrade() {
    owner = null;
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

  private void unlockShared() {
    int before = (int) STATE.getAndAdd(this, -1);
    if (before <= 0) {
      STATE.getAndAdd(this, 1);
      throw new KernelPanic("lockmgr: LK_RELEASE: no lock held", wmesg);
    }
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
    SHARED,
    EXCLUSIVE,
    UPGRADE
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
    td.releaseTokens();
    boolean interrupted = false;
    synchronized (this) {
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
      waiters = waiters - 1;
      if (request != Request.SHARED) {
        exclusiveWanted = exclusiveWanted - 1;
      }
      if (request == Request.UPGRADE) {
        upgradePending = false;
      }
    }
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
