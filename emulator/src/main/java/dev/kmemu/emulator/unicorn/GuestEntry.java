package dev.kmemu.emulator.unicorn;

import java.util.concurrent.locks.LockSupport;

/**
 * Says whether the CPU executes guest code, and lets other threads get it out of there.
 *
 * <p>Whoever wants something publishes the wish and then makes the CPU come out ({@link CpuExits}).
 * The CPU publishes that it is in before it looks at the wishes: one of the two always sees the
 * other (all fields are volatile). A wish to come out may get lost, so it is repeated until the CPU
 * has.
 */
final class GuestEntry {

  private static final long PAUSE_NANOS = 5_000;

  /** Mostly the CPU has come out by then. */
  private static final int SPINS = 100;

  private final CpuExits exits;
  private final Thread owner;
  private volatile boolean inGuest;
  private volatile boolean stopWanted;
  private volatile boolean flushWanted;
  private volatile boolean lookWanted;
  private boolean open = true;

  GuestEntry(CpuExits exits, Thread owner) {
    this.exits = exits;
    this.owner = owner;
  }

  boolean isOwner() {
    return Thread.currentThread() == owner;
  }

  /** Announces guest code; the caller then serves the wishes. */
  void enter() {
    inGuest = true;
  }

  /** Announces that the host runs. */
  void leave() {
    inGuest = false;
  }

  boolean isStopWanted() {
    return stopWanted;
  }

  void clearStop() {
    stopWanted = false;
  }

  /** Whether anything is wanted. */
  boolean hasWishes() {
    return stopWanted || flushWanted || lookWanted;
  }

  /** Tells once whether translations must be dropped before the next guest instruction. */
  boolean takeFlush() {
    if (!flushWanted) {
      return false;
    }
    flushWanted = false;
    return true;
  }

  /** Takes the wish that the interrupts be looked at, before the caller looks. */
  void takeLook() {
    lookWanted = false;
  }

  /** Wants the run to end, and returns when guest code has been left. */
  void stop() {
    stopWanted = true;
    comeOut();
    while (!isOwner() && inGuest && stopWanted) {
      LockSupport.parkNanos(PAUSE_NANOS);
      comeOut();
    }
  }

  /** Wants translations dropped, and returns when no guest code runs on the old ones. */
  void flush() {
    flushWanted = true;
    comeOut();
    while (inGuest && flushWanted) {
      LockSupport.parkNanos(PAUSE_NANOS);
      comeOut();
    }
  }

  /** Wants the interrupts looked at before the next basic block. */
  void look() {
    if (lookWanted) {
      return;
    }
    lookWanted = true;
    comeOut();
    for (int i = 0; i < SPINS && isLookOpen(); i++) {
      Thread.onSpinWait();
    }
    if (isLookOpen()) {
      ExitReminder.add(this);
    }
  }

  /** Wants it again, unless it has been served or will be on the way into the guest. */
  boolean repeatsLook() {
    boolean isOpen = isLookOpen();
    if (isOpen) {
      comeOut();
    }
    return isOpen;
  }

  private boolean isLookOpen() {
    return lookWanted && inGuest;
  }

  /** Makes the CPU come out before the next basic block, for wishes that it hasn't served. */
  synchronized void comeOut() {
    if (open) {
      exits.want();
    }
  }

  /** Comes out for {@code windows} only; wishes must be looked at afterwards. */
  void comeOutOnlyFor(int windows) {
    exits.wantOnly(windows);
  }

  /** After this no thread touches the engine any more. */
  synchronized void shut() {
    open = false;
  }
}
