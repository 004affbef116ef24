package dev.kmemu.emulator.time;

/** The one clock of a machine: TSC, timers and the time of day all count it. */
public interface GuestClock {

  /** Returns the nanoseconds of guest time since the machine was created. */
  long nanos();
}
