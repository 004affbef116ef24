package dev.kmemu.vm.kern;

import java.util.Collection;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An LWKT token ({@code sys/kern/lwkt_token.c}): a soft lock that belongs to a running thread.
 *
 * <p>Recursive, released in reverse order, and given up with all others while the thread is blocked
 * in {@link SleepQueue} or {@link LockmgrLock}: whatever it protects may have changed after a call
 * that can sleep. Unlike upstream, tokens have a rank and must be taken in that order, so blocking
 * on one needn't drop the others.
 */
public final class Token {

  private final String name;
  private final int rank;
  private final @Nullable ThreadScheduler scheduler;
  private final Lock lock = new Lock();

  /** Tells whose it is, which is only for the lock's own subclasses to ask. */
  private static final class Lock extends ReentrantLock {
    private static final long serialVersionUID = 1L;

    @Nullable Thread holder() {
      return getOwner();
    }

    Collection<Thread> waiters() {
      return getQueuedThreads();
    }
  }

  /**
   * Creates a free token.
   *
   * @param rank the place in the order of acquisition, lowest first
   */
  public Token(String name, int rank) {
    this(name, rank, null);
  }

  /** Creates a free token for threads that {@code scheduler} chooses from, null for nobody. */
  Token(String name, int rank, @Nullable ThreadScheduler scheduler) {
    this.name = name;
    this.rank = rank;
    this.scheduler = scheduler;
  }

  /** {@code lwkt_gettoken}. */
  public void get() {
    LwktThread.current().push(this);
    if (scheduler != null && !lock.isHeldByCurrentThread()) {
      scheduler.mayPreempt("lwkt_gettoken");
    }
    lock();
  }

  /** {@code lwkt_reltoken}. */
  public void release() {
    LwktThread.current().pop(this);
    unlock();
  }

  /** Whether the calling thread holds the token. */
  public boolean isHeld() {
    return lock.isHeldByCurrentThread();
  }

  /** {@code ASSERT_LWKT_TOKEN_HELD}. */
  public void assertHeld(String function) {
    if (!lock.isHeldByCurrentThread()) {
      throw KernelPanic.assertion(name + " held", function);
    }
  }

  /** Returns the thread that holds the token at the moment, or null. Any thread may ask. */
  public @Nullable Thread holder() {
    return lock.holder();
  }

  /** Returns the threads that wait for the token at the moment, in no order. */
  public Collection<Thread> waiters() {
    return lock.waiters();
  }

  int rank() {
    return rank;
  }

  void lock() {
    if (scheduler == null) {
      lock.lock();
      return;
    }
    while (!lock.tryLock()) {
      scheduler.await(this, "token", () -> !lock.isLocked(), false);
    }
  }

  void unlock() {
    lock.unlock();
    if (scheduler != null && !lock.isHeldByCurrentThread()) {
      scheduler.mayPreempt("lwkt_reltoken");
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
