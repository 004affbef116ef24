package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.cpu.Register;
import dev.kmemu.emulator.memory.VirtualAddress;

/** The CPU at a breakpoint, for the time of a {@link BreakpointCondition}. */
public interface StoppedCpu {

  /** Returns a register of at most 64 bits, zero-extended. */
  long register(Register register);

  /** Reads virtual memory as {@link DebugTarget#readMemory} does. */
  MemoryTransfer read(VirtualAddress address, byte[] target, int offset, int length);
}
