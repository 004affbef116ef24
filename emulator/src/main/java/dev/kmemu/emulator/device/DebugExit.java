package dev.kmemu.emulator.device;

import java.util.OptionalInt;

/** Port 0xF4: a write ends the run, and its value says how the guest fared. */
public final class DebugExit implements PortDevice {

  /** The port. */
  public static final int PORT = 0xF4;

  private volatile OptionalInt value = OptionalInt.empty();

  /** Returns what the guest wrote last, empty when it never did. */
  public OptionalInt value() {
    return value;
  }

  @Override
  public boolean write(int port, int size, int written) {
    value = OptionalInt.of(written);
    return false;
  }
}
