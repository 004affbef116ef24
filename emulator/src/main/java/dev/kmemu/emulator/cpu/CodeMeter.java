package dev.kmemu.emulator.cpu;

/** Counts the code that a CPU executes, exactly, and makes it look up at a count. */
public interface CodeMeter extends CodeTally {

  /**
   * Makes the CPU look at its {@link InterruptSource} as soon as {@link #executedBytes} has got to
   * {@code bytes}, before the next basic block. On the CPU's thread.
   */
  void setAlarm(long bytes);

  /** Goes on counting from {@code bytes}; the alarm stays where it was. On the CPU's thread. */
  void setExecutedBytes(long bytes);
}
