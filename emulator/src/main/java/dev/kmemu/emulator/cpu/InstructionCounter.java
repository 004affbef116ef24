package dev.kmemu.emulator.cpu;

/**
 * Counts what a CPU executes one by one, and ends runs at a count. While it counts, the CPU's way
 * depends on nothing but its state and its {@link CodeMeter}, which takes each instruction for 4
 * bytes: interrupts are taken before the first instruction that is late enough, whether the CPU
 * steps, runs or is stopped on the way. Code is several times slower for it.
 *
 * <p>One is an instruction, one iteration of an instruction with a REP prefix, or the delivery of
 * an interrupt; an instruction that raises an exception counts with the delivery. Only for the
 * CPU's thread, between two runs.
 */
public interface InstructionCounter {

  /**
   * Begins or ends counting.
   *
   * @throws RuntimeException when the host or the library doesn't allow it
   */
  void setCounting(boolean counts);

  /** Whether it counts. */
  boolean isCounting();

  /** Returns the count. */
  long count();

  /** Goes on from {@code count}. */
  void setCount(long count);

  /** Ends each run with {@link CpuExit.Stepped} as soon as the count has got to {@code count}. */
  void stopAt(long count);

  /** Sets whether breakpoints and watches are passed over. */
  void setStopsHidden(boolean hidden);
}
