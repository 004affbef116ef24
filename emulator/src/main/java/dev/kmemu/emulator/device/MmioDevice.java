package dev.kmemu.emulator.device;

/**
 * A device behind guest-physical addresses, called on the CPU's thread. One with a state is also a
 * {@link dev.kmemu.emulator.snapshot.Snapshotable}.
 */
public interface MmioDevice {

  /**
   * Answers a load.
   *
   * @param offset from the device's first address
   * @param size 1, 2 or 4 bytes
   * @return the value in its low bytes
   */
  long read(int offset, int size);

  /**
   * Takes a store.
   *
   * @param offset from the device's first address
   * @param size 1, 2 or 4 bytes
   * @param value the value in its low bytes; those above mean nothing
   * @return whether the CPU runs on
   */
  boolean write(int offset, int size, long value);
}
