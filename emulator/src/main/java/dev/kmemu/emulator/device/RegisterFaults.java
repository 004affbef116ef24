package dev.kmemu.emulator.device;

/**
 * What stands between the guest and a device's registers to make it misbehave. On the CPU's thread;
 * a register is a port, or an offset from the device's first address in memory.
 */
public interface RegisterFaults {

  /** Whether a read doesn't reach the device: all ones are read. */
  boolean dropsRead(long at);

  /** Returns what the guest reads where the device says {@code value}. */
  long read(long at, long value);

  /** Whether a write doesn't reach the device. */
  boolean swallowsWrite(long at);
}
