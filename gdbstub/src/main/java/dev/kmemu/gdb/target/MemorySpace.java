package dev.kmemu.gdb.target;

import dev.kmemu.emulator.debug.MemoryTransfer;

/** What the addresses in memory packets mean. */
interface MemorySpace {

  /** Reads memory, as {@link dev.kmemu.emulator.debug.DebugTarget#readMemory} does. */
  MemoryTransfer read(long address, byte[] target, int offset, int length);

  /** Writes memory, as {@link dev.kmemu.emulator.debug.DebugTarget#writeMemory} does. */
  MemoryTransfer write(long address, byte[] source, int offset, int length);

  /** Returns an address for a person. */
  String text(long address);
}
