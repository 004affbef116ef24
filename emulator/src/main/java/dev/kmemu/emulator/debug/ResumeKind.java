package dev.kmemu.emulator.debug;

/** How the CPU runs on. */
public enum ResumeKind {
  /** Until something stops it. A breakpoint at RIP itself is passed over. */
  CONTINUE,
  /** For exactly one instruction. */
  STEP
}
