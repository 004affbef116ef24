package dev.kmemu.emulator.cpu;

/** What a CPU held at one moment, as its engine keeps it. */
public interface CpuSnapshot {

  /** Returns the same by name. */
  CpuFields state();
}
