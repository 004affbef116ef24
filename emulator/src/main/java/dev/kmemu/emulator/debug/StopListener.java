package dev.kmemu.emulator.debug;

/** Hears of the CPU's stops. Called on the CPU's thread: it must return soon and not block. */
@FunctionalInterface
public interface StopListener {

  /** The CPU has paused, or has ended for good. */
  void stopped(StopReason reason);
}
