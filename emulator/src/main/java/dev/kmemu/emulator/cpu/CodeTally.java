package dev.kmemu.emulator.cpu;

/** Says how much code a CPU has executed. */
@FunctionalInterface
public interface CodeTally {

  /** Returns the bytes of all basic blocks that have been entered. From any thread. */
  long executedBytes();
}
