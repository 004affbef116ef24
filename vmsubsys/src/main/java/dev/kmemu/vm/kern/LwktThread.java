package dev.kmemu.vm.kern;

import org.jspecify.annotations.Nullable;

/** What the kernel keeps for a Java thread that runs in it: the tokens it holds, its sleep. */
public final class LwktThread {

  private static final int MAX_TOKENS = 32;

  private static final ThreadLocal<LwktThread> CURRENT = ThreadLocal.withInitial(LwktThread::new);

  private final @Nullable Token[] tokens = new @Nullable Token[MAX_TOKENS];
  private int depth;
  private int systemDepth;

  /** The channel slept on; a wakeup sets it to null. Written under the sleep queue's lock. */
  volatile @Nullable Object channel;

  @Nullable LwktThread nextSleeper;
  final Thread thread = Thread.currentThread();

  /** A state of the thread that lasts until it is closed, by the same thread. */
  public interface Scope extends AutoCloseable {
    @Override
    void close();
  }

  private LwktThread() {}

  /** {@code curthread}. */
  public static LwktThread current() {
    return CURRENT.get();
  }

  /** {@code TDF_SYSTHREAD}: whether the thread may use the last pages. */
  public boolean isSystemThread() {
    return systemDepth > 0;
  }

  /** Sets {@code TDF_SYSTHREAD} until the scope is closed. Scopes nest. */
  public Scope asSystemThread() {
    systemDepth++;
    return () -> systemDepth--;
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
