package dev.kmemu.emulator.cpu;

import java.util.EnumMap;
import java.util.Map;

/**
 * Counts how often a CPU leaves guest code, and the time until it is back, by {@link ExitKind}. The
 * CPU's thread writes it; others read it while the CPU is paused.
 */
public final class ExitProfile {

  private final Map<ExitKind, Tally> tallies = new EnumMap<>(ExitKind.class);
  private long asleepNanos;

  /**
   * What one kind of exit came to.
   *
   * @param count how many there were
   * @param nanos host time outside guest code, in nanoseconds
   */
  public record Share(long count, long nanos) {}

  private static final class Tally {
    private long count;
    private long nanos;
  }

  /** Creates an empty profile. */
  public ExitProfile() {
    for (ExitKind kind : ExitKind.values()) {
      tallies.put(kind, new Tally());
    }
  }

  /** Adds an exit that began at {@code began} of {@link System#nanoTime} and is over now. */
  public void add(ExitKind kind, long began) {
    Tally tally = tally(kind);
    tally.count++;
    tally.nanos += System.nanoTime() - began;
  }

  /** Adds a sleep of the CPU, behind a HLT, that began at {@code began} and is over now. */
  public void addSleep(long began) {
    asleepNanos += System.nanoTime() - began;
  }

  /** Returns what {@code kind} came to. */
  public Share share(ExitKind kind) {
    Tally tally = tally(kind);
    return new Share(tally.count, tally.nanos);
  }

  /** Returns how long the CPU has waited for interrupts, in nanoseconds. */
  public long asleepNanos() {
    return asleepNanos;
  }

  private Tally tally(ExitKind kind) {
    Tally tally = tallies.get(kind);
    if (tally == null) {
      throw new IllegalStateException("no tally of " + kind);
    }
    return tally;
  }
}
