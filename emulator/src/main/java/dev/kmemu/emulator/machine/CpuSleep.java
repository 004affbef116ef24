package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.cpu.ExitProfile;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The sleep of a CPU behind HLT. On the CPU's thread, but for {@link #disturb}. */
final class CpuSleep {

  private final ReentrantLock lock;
  private final Condition due;
  private final BooleanSupplier otherDue;
  private final @Nullable ExitProfile profile;
  private boolean asleep;

  /** Changed with the lock held. */
  private long disturbances;

  /**
   * Creates the sleep of a CPU that is awake.
   *
   * @param due what its thread waits for, with {@code lock}
   * @param otherDue whether its thread has something else to do than to sleep; with the lock held
   * @param profile hears of each sleep, if there is one
   */
  CpuSleep(
      ReentrantLock lock, Condition due, BooleanSupplier otherDue, @Nullable ExitProfile profile) {
    this.lock = lock;
    this.due = due;
    this.otherDue = otherDue;
    this.profile = profile;
  }

  /** Whether the CPU is kept from running until it is awake. */
  boolean isOn() {
    return asleep;
  }

  /** Makes {@link #isOn} what it was, or is to be. */
  void set(boolean sleeps) {
    asleep = sleeps;
  }

  /** Makes the CPU look whether it is awake once {@code due} is signalled, with the lock held. */
  void disturb() {
    disturbances++;
  }

  /** Sleeps on until the CPU is awake (true) or something else is due (false). */
  boolean ends(CpuOwner owner) {
    ExitProfile tallies = profile;
    if (tallies == null) {
      return endsInTime(owner);
    }
    long began = System.nanoTime();
    boolean awake = endsInTime(owner);
    tallies.addSleep(began);
    return awake;
  }

  private boolean endsInTime(CpuOwner owner) {
    while (true) {
      long seen;
      lock.lock();
      try {
        seen = disturbances;
      } finally {
        lock.unlock();
      }
      if (owner.isAwake()) {
        asleep = false;
        return true;
      }
      lock.lock();
      try {
        while (disturbances == seen && !otherDue.getAsBoolean()) {
          due.awaitUninterruptibly();
        }
        if (otherDue.getAsBoolean()) {
          return false;
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
