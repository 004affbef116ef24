package dev.kmemu.vm.kern;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@code struct thread}: what the kernel keeps for a Java thread that runs in it. Made on the first
 * call from that thread, for good. Only the thread itself changes it; what it sleeps on may be read
 * by anybody.
 */
public final class LwktThread {

  private static final int MAX_TOKENS = 32;

  private static final AtomicInteger CREATED = new AtomicInteger();
  private static final ThreadLocal<LwktThread> CURRENT = ThreadLocal.withInitial(LwktThread::new);

  final Thread thread = Thread.currentThread();

  private final int number = CREATED.getAndIncrement();
  private final @Nullable Token[] tokens = new @Nullable Token[MAX_TOKENS];
  private int depth;
  private int systemDepth;
  private int interruptNesting;

  /** The channel slept on; a wakeup sets it to null. Written under the sleep queue's lock. */
  volatile @Nullable Object channel;

  /** The bucket of the sleep queue that the thread is linked in; null with the channel. */
  volatile SleepQueue.@Nullable Bucket bucket;

  @Nullable LwktThread nextSleeper;
  private volatile @Nullable String wmesg;
  private volatile long waitStart;

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

  /** Returns the Java thread's name. */
  public String name() {
    return thread.getName();
  }

  /**
   * Returns the virtual CPU that the thread runs on, for good: threads are dealt out to the CPUs in
   * turn, in the order of their creation.
   *
   * @param cpus how many CPUs there are, at least 1
   * @return 0 to {@code cpus - 1}
   */
  public int cpu(int cpus) {
    return Integer.remainderUnsigned(number, cpus);
  }

  /** {@code td_wchan}: the channel that the thread sleeps on, or null. Any thread may ask. */
  public @Nullable Object waitChannel() {
    return channel;
  }

  /** {@code td_wmesg}: why the thread sleeps or waits for a lock, or null. Any thread may ask. */
  public @Nullable String wmesg() {
    return wmesg;
  }

  void beginWait(String why) {
    waitStart = System.nanoTime();
    wmesg = why;
  }

  void endWait() {
    wmesg = null;
  }

  /** Returns how long the thread has waited, while it waits. */
  long waitedNanos() {
    return System.nanoTime() - waitStart;
  }

  /**
   * Returns the references to tokens that the thread holds, the first taken first. Exact for the
   * calling thread only; {@link Token#holder} is for others.
   */
  public List<Token> tokensHeld() {
    List<Token> held = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      Token token = tokens[i];
      if (token != null) {
        held.add(token);
      }
    }
    return List.copyOf(held);
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

  /** {@code gd_intr_nesting_level}: whether the thread runs a hard interrupt's handler. */
  public boolean isInInterrupt() {
    return interruptNesting > 0;
  }

  /** Enters a hard interrupt's handler, left when the scope is closed. Scopes nest. */
  public Scope enterInterrupt() {
    interruptNesting++;
    return () -> interruptNesting--;
  }

  void push(Token token) {
    if (interruptNesting > 0) {
      throw KernelPanic.assertion("gd_intr_nesting_level == 0", "lwkt_gettoken");
    }
    if (depth == MAX_TOKENS) {
      throw new KernelPanic("lwkt_gettoken: too many tokens held", token.toString());
    }
    for (int i = 0; i < depth; i++) {
      Token held = tokens[i];
      if (held != null && held != token && held.rank() >= token.rank() && !token.isHeld()) {
        throw new KernelPanic("lwkt_gettoken: out of order", token + " after " + held);
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

  @Override
  public String toString() {
    return name();
  }
}
