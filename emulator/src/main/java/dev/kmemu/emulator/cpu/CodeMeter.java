package dev.kmemu.emulator.cpu;

/** Counts the code that a CPU executes. */
public interface CodeMeter {

  /** Returns the bytes of all basic blocks that have been entered. From any thread. */
  long executedBytes();

  /**
   * Makes the CPU look at its {@link InterruptSource} as soon as {@link #executedBytes} has got to
   * {@code bytes}, before the next basic block. On the CPU's thread.
   */
  void setAlarm(long bytes);

  /** Goes on counting from {@code bytes}; the alarm stays where it was. On the CPU's thread. */
  void setExecutedBytes(long bytes);
}
