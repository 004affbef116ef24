package dev.kmemu.emulator.debug;

/**
 * The watchpoints of a machine, as {@link DebugTarget}'s thread rules say. A machine that has none
 * runs at full speed.
 */
public interface Watchpoints {

  /** Returns how many there can be at a time, as many as a CPU has debug registers. */
  int capacity();

  /**
   * Plants {@code watchpoint}. Idempotent. A use of its bytes by the guest's program stops the CPU
   * behind the instruction with {@link StopReason.Watched}.
   *
   * @throws IllegalStateException when there are {@link #capacity} others, or the CPU runs
   */
  void insert(Watchpoint watchpoint);

  /** Removes {@code watchpoint}; no effect when there is none. */
  void remove(Watchpoint watchpoint);
}
