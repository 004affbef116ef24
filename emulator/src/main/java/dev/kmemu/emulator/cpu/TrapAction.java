package dev.kmemu.emulator.cpu;

/** How the CPU goes on after an exception. */
public enum TrapAction {
  /** With the state that the frame holds. */
  RESUME,
  /** The exception was delivered to the guest's handler, which the frame now stands at. */
  DELIVERED,
  /** Not at all: the run ends with {@link CpuExit.HandlerEnded}. */
  END
}
