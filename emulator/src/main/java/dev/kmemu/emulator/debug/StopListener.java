package dev.kmemu.emulator.debug;

/**
 * Hears of the CPU's stops. Called on the CPU's thread: it must return soon, and neither block nor
 * call the target.
 */
@FunctionalInterface
public interface StopListener {

  /** The CPU has paused, or has ended for good. */
  void stopped(StopReason reason);
}
