package dev.kmemu.vm.kern;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the kernel keeps for a Java thread that runs in it: the tokens it holds, its sleep. */
public final class LwktThread {

  private static final int MAX_TOKENS = 32;

  private static final ThreadLocal<LwktThread> CURRENT = ThreadLocal.withInitial(LwktThread::new);

  private static final AtomicInteger CREATED = new AtomicInteger();

  private final int number = CREATED.getAndIncrement();
  private final @Nullable Token[] tokens = new @Nullable Token[MAX_TOKENS];
  private int depth;

  /** The channel slept on; a wakeup sets it to null. Written under the sleep queue's lock. */
  volatile @Nullable Object channel;

  @Nullable LwktThread nextSleeper;
  final Thread thread = Thread.currentThread();

  private LwktThread() {}

  /** Returns what the kernel keeps for the calling thread. */
  public static LwktThread current() {
    return CURRENT.get();
  }

  /**
   * Returns the virtual CPU that the thread runs on, below {@code cpus}; threads don't migrate.
   * They are dealt out to the CPUs in the order in which they first entered the kernel.
   */
  public int cpu(int cpus) {
    return Integer.remainderUnsigned(number, cpus);
  }

  void push(Token token) {
    if (depth == MAX_TOKENS) {
      throw new KernelPanic("lwkt_gettoken: too many tokens held", token.toString());
    }
    if (depth > 0) {
      Token top = tokens[depth - 1];
      if (top != null && top.rank() > token.rank() && !token.isHeld()) {
        throw new KernelPanic("lwkt_gettoken: out of order", token + " after " + top);
      }
    }
    tokens[depth++] = token;
  }

  void pop(Token token) {
    if (depth == 0 || tokens[depth - 1] != token) {
      throw new KernelPanic("lwkt_reltoken: tokens released out of order", token.toString());
    }
    tokens[--depth] = null;
  }

  /** Lets others have this thread's tokens while it is blocked. */
  void releaseTokens() {
    for (int i = depth - 1; i >= 0; i--) {
      Token token = tokens[i];
      if (token != null) {
        token.unlock();
      }
    }
  }

  void reacquireTokens() {
    for (int i = 0; i < depth; i++) {
      Token token = tokens[i];
      if (token != null) {
        token.lock();
      }
    }
  }
}
