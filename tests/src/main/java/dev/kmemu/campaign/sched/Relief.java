package dev.kmemu.campaign.sched;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Has somebody help who belongs to no section, on a thread of its own: the one that asks is
 * somewhere in the kernel and has tokens to get back.
 */
final class Relief {

  private final BooleanSupplier action;
  private volatile boolean coming;

  Relief(BooleanSupplier action) {
    this.action = action;
  }

  /** Returns when it has come; false when there is none, which is so for whoever helps, too. */
  boolean comes() {
    if (coming) {
      return false;
    }
    coming = true;
    try {
      return onAnotherThread();
    } finally {
      coming = false;
    }
  }

  private boolean onAnotherThread() {
    boolean[] done = new boolean[1];
    AtomicReference<@Nullable RuntimeException> thrown = new AtomicReference<>();
    Thread thread = new Thread(() -> done[0] = helps(thrown), "relief");
    thread.start();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException e = thrown.get();
    if (e != null) {
      throw e;
    }
    return done[0];
  }

  private boolean helps(AtomicReference<@Nullable RuntimeException> thrown) {
    try {
      return action.getAsBoolean();
    } catch (RuntimeException e) {
      thrown.set(e);
      return false;
    }
  }
}
