package dev.kmemu.emulator.device;

/**
 * A device behind I/O ports, called on the CPU's thread. One with a state is also a {@link
 * dev.kmemu.emulator.snapshot.Snapshotable}.
 */
public interface PortDevice {

  /**
   * Answers {@code in}; all ones by default.
   *
   * @param port the port, as the guest named it
   * @param size 1, 2 or 4 bytes
   */
  default int read(int port, int size) {
    return -1;
  }

  /**
   * Takes {@code out}.
   *
   * @param port the port, as the guest named it
   * @param size 1, 2 or 4 bytes
   * @param value the value in its low bytes
   * @return whether the CPU runs on
   */
  boolean write(int port, int size, int value);
}
