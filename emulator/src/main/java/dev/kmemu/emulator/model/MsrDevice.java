package dev.kmemu.emulator.model;

/** A device whose registers are MSRs, such as a local APIC in x2APIC mode. */
public interface MsrDevice {

  /** What {@link #read} returns in place of a value: the access raises #GP. */
  long REFUSED = Long.MIN_VALUE + 1;

  /** Whether {@code index} is its. */
  boolean has(int index);

  /** Reads an MSR. */
  long read(int index);

  /** Writes an MSR; false raises #GP. */
  boolean write(int index, long value);
}
