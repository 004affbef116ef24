package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.memory.PhysicalAddress;

/** Memory by physical address, as {@link DebugTarget}'s thread rules say. */
public interface PhysicalAccess {

  /** Reads RAM; what lies outside isn't read. */
  MemoryTransfer read(PhysicalAddress address, byte[] target, int offset, int length);

  /** Writes RAM; what lies outside isn't written. */
  MemoryTransfer write(PhysicalAddress address, byte[] source, int offset, int length);
}
