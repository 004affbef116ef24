package dev.kmemu.emulator.unicorn;

import java.util.concurrent.locks.LockSupport;

/**
 * Says whether the CPU executes guest code, and lets other threads get it out of there.
 *
 * <p>Unicorn loses a stop that comes just before a start, so whoever wants the CPU out publishes
 * the wish first and then repeats the stop until the CPU has left. The CPU publishes that it is in
 * before it looks at the wishes: one of the two always sees the other (both fields are volatile).
 *
 * <p>A stop that comes late would end a run that nobody wants ended, and a run that ends without a
 * reason looks like a HLT. So the CPU, having left, waits for a stop that is under way, and whoever
 * stops announces it before looking once more whether the CPU is still in; and a run remembers
 * whether it was stopped, because its wish may be served by a hook before it ends.
 */
final class GuestEntry {

  private static final long PAUSE_NANOS = 5_000;

  private final long engine;
  private final Thread owner;
  private volatile boolean inGuest;
  private volatile boolean stopWanted;
  private volatile boolean flushWanted;
  private volatile boolean kicking;
  private volatile boolean kicked;
  private volatile boolean open = true;

  GuestEntry(long engine, Thread owner) {
    this.engine = engine;
    this.owner = owner;
  }

  boolean isOwner() {
    return Thread.currentThread() == owner;
  }

  /** Forgets the stops of the last run, before a new one enters guest code. */
  void begin() {
    kicked = false;
  }

  /** Whether something other than the guest may have ended the run since {@link #begin}. */
  boolean wasKicked() {
    return kicked;
  }

  /** Stops the run from a hook, for another thread's sake. */
  void kickSelf() {
    kicked = true;
    UnicornLibrary.uc_emu_stop(engine);
  }

  /** Announces guest code; the caller then serves {@link #takeFlush} and {@link #isStopWanted}. */
  void enter() {
    inGuest = true;
  }

  /** Announces that the host runs; no stop is under way on return. */
  void leave() {
    inGuest = false;
    while (kicking) {
      Thread.onSpinWait();
    }
  }

  boolean isStopWanted() {
    return stopWanted;
  }

  void clearStop() {
    stopWanted = false;
  }

  /** Tells once whether translations must be dropped before the next guest instruction. */
  boolean takeFlush() {
    if (!flushWanted) {
      return false;
    }
    flushWanted = false;
    return true;
  }

  /** Wants the run to end, and returns when guest code has been left. */
  void stop() {
    stopWanted = true;
    if (isOwner()) {
      return;
    }
    while (inGuest && stopWanted) {
      kick();
    }
  }

  /** Wants translations dropped, and returns when no guest code runs on the old ones. */
  void flush() {
    flushWanted = true;
    while (inGuest && flushWanted) {
      kick();
    }
  }

  /** After this no thread touches the engine any more. */
  synchronized void shut() {
    open = false;
  }

  private void kick() {
    synchronized (this) {
      kicking = true;
      try {
        if (open && inGuest && (stopWanted || flushWanted)) {
          kicked = true;
          UnicornLibrary.uc_emu_stop(engine);
        }
      } finally {
        kicking = false;
      }
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }
}
