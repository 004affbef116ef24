package dev.kmemu.emulator.time;

/** What guest time goes by. */
public enum TimeMode {
  /** The host's clock. */
  WALL,
  /** The code that the guest executes: runs repeat exactly. */
  INSTRUCTIONS
}
