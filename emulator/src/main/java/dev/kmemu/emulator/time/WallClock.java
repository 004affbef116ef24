package dev.kmemu.emulator.time;

/** Guest time that goes with the host's, but stands while the machine is paused. Thread-safe. */
public final class WallClock implements GuestClock {

  private long passed;
  private long resumedAt;
  private boolean running;

  /** Creates a clock that stands at 0. */
  public WallClock() {}

  @Override
  public synchronized long nanos() {
    return running ? passed + (System.nanoTime() - resumedAt) : passed;
  }

  /** Whether the clock goes. */
  public synchronized boolean isRunning() {
    return running;
  }

  /** Goes on from {@code nanos}. */
  public synchronized void set(long nanos) {
    passed = nanos;
    resumedAt = System.nanoTime();
  }

  /** Lets the clock go. Idempotent. */
  public synchronized void resume() {
    if (!running) {
      running = true;
      resumedAt = System.nanoTime();
    }
  }

  /** Stops the clock. Idempotent. */
  public synchronized void pause() {
    passed = nanos();
    running = false;
  }
}
