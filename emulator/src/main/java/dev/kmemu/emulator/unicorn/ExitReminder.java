package dev.kmemu.emulator.unicorn;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Repeats the wish that a CPU come out, for threads that don't wait for it: {@link CpuExits} says
 * why one may get lost. One thread serves all CPUs, and sleeps while no wish is open.
 */
final class ExitReminder {

  private static final long NANOS = 1_000_000;
  private static final Set<GuestEntry> OPEN = ConcurrentHashMap.newKeySet();
  private static final Thread THREAD = start();

  private ExitReminder() {}

  /** Repeats the wish of {@code entry} until it has been served. */
  static void add(GuestEntry entry) {
    OPEN.add(entry);
    LockSupport.unpark(THREAD);
  }

  private static Thread start() {
    Thread thread = new Thread(ExitReminder::live, "kmemu-reminder");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void live() {
    while (true) {
      if (OPEN.isEmpty()) {
        LockSupport.park();
      } else {
        LockSupport.parkNanos(NANOS);
        OPEN.removeIf(entry -> !entry.repeatsLook());
      }
    }
  }
}
