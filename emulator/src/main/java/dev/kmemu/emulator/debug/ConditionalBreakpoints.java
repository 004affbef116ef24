package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.memory.VirtualAddress;

/** Breakpoints that ask before they stop, as {@link DebugTarget}'s thread rules say. */
public interface ConditionalBreakpoints {

  /** Plants a breakpoint like {@link DebugTarget#insertBreakpoint}, or gives one a condition. */
  void insert(VirtualAddress address, BreakpointCondition condition);
}
