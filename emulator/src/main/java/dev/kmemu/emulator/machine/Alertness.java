package dev.kmemu.emulator.machine;

/**
 * Keeps the CPU's thread awake for a moment behind a stop: a debugger that steps resumes the CPU
 * sooner than a parked thread wakes up. An idle machine parks its thread.
 */
final class Alertness {

  private static final long NANOS = 100_000;

  private volatile boolean wanted;

  /** Counts what the thread may wait for; changed with the thread's lock held. */
  private volatile int changes;

  /** Only looked at on the CPU's thread, as is {@link #changesAtStop}. */
  private boolean stopped;

  private int changesAtStop;

  /** Sets whether someone may resume the CPU soon after a stop. From any thread. */
  void setWanted(boolean wanted) {
    this.wanted = wanted;
  }

  /** Whether someone may resume the CPU soon after a stop. From any thread. */
  boolean isWanted() {
    return wanted;
  }

  /** Says that there is something to do. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // with the lock held
  void change() {
    changes++;
  }

  /** Says that the CPU has just stopped, with the lock held. */
  void stop() {
    stopped = true;
    changesAtStop = changes;
  }

  /** Returns when there is something to do since the stop, or after a moment. */
  @SuppressWarnings("ThreadPriorityCheck") // whoever is to resume the CPU may need this core
  void await() {
    if (!stopped || !wanted) {
      return;
    }
    stopped = false;
    long end = System.nanoTime() + NANOS;
    while (changes == changesAtStop && System.nanoTime() < end) {
      Thread.yield();
    }
  }
}
