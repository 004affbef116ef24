package dev.kmemu.emulator.device;

import org.jspecify.annotations.Nullable;

/**
 * What devices do to a machine's power and reset lines. A device that uses one ends the CPU's run,
 * so that each method returns what {@link PortDevice#write} is to return. On the CPU's thread.
 */
public final class PowerSwitch {

  /** What has been asked for. */
  public enum Request {
    /** Power goes off. */
    POWER_OFF,
    /** The machine is reset. */
    RESET
  }

  private @Nullable Request request;

  /** Switches the machine off. */
  public boolean powerOff() {
    request = Request.POWER_OFF;
    return false;
  }

  /** Resets the machine. */
  public boolean reset() {
    request = Request.RESET;
    return false;
  }

  /** Returns what was asked for last and forgets it; null when nothing was. */
  public @Nullable Request take() {
    Request asked = request;
    request = null;
    return asked;
  }
}
