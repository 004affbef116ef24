package dev.kmemu.emulator.machine;

import java.util.concurrent.locks.Condition;

/**
 * Watches the runs that the CPU's thread has lent to a debugger's: that one has a connection to
 * listen to, and must get back to it. A look at the clock now and then is cheaper than a thread
 * that is woken for each run; where none is lent nobody looks.
 *
 * <p>Threads: with the lock of the CPU's thread held.
 */
final class LentRuns {

  private static final long LOOK_NANOS = 1_000_000;

  /** So many looks that saw no run, and the next one wakes the thread again. */
  private static final int PATIENCE = 50;

  private long runs;
  private boolean lent;
  private boolean watched;
  private int idleLooks;

  /** Counts a run that begins; whether the CPU's thread must be woken to watch it. */
  boolean begin() {
    runs++;
    lent = true;
    boolean asleep = !watched;
    watched = true;
    idleLooks = 0;
    return asleep;
  }

  /** Says that the CPU is back, whether or not it was lent for a run. */
  void end() {
    lent = false;
  }

  /**
   * Waits on the CPU's thread until something may be due, or until the next look.
   *
   * @return whether the run that is lent was so at the last look
   */
  @SuppressWarnings("WaitNotInLoop") // the caller's
  boolean await(Condition due) {
    if (!watched) {
      due.awaitUninterruptibly();
      return false;
    }
    long seen = runs;
    boolean idle = elapses(due) && runs == seen;
    if (idle && !lent && ++idleLooks > PATIENCE) {
      watched = false;
    }
    return idle && lent;
  }

  @SuppressWarnings("WaitNotInLoop") // the caller's
  private static boolean elapses(Condition due) {
    try {
      return due.awaitNanos(LOOK_NANOS) <= 0;
    } catch (InterruptedException e) {
      // Nobody has a reason to: the thread ends when the machine is closed.
      return true;
    }
  }
}
