package dev.kmemu.emulator.cpu;

import dev.kmemu.emulator.memory.PageRuns;

/** Captures a CPU that executes nothing, and puts it back. On the CPU's own thread. */
public interface CpuSnapshots {

  /** Returns what the CPU holds. */
  CpuSnapshot capture();

  /**
   * Makes the CPU hold what {@code snapshot} of the same CPU says, exactly. {@link #ramChanged}
   * must follow.
   *
   * @throws IllegalArgumentException when it is one of another CPU
   */
  void restore(CpuSnapshot snapshot);

  /**
   * Makes a snapshot of a state that comes from elsewhere, without touching the CPU.
   *
   * @throws IllegalArgumentException when this CPU lacks a register of it, or it lacks one of this
   *     CPU's, naming it
   */
  CpuSnapshot adopt(CpuFields state);

  /**
   * Drops what the CPU has cached of RAM: all translations of addresses, and translated code of
   * pages that were overwritten.
   */
  void ramChanged(PageRuns pages);
}
