package dev.kmemu.emulator.debug;

import dev.kmemu.emulator.memory.VirtualAddress;

/** Why the CPU isn't running. */
public sealed interface StopReason {

  /** The debugger asked, or has just attached. */
  record Interrupted() implements StopReason {}

  /** One instruction was executed. */
  record Stepped() implements StopReason {}

  /** The CPU is before an instruction that has a breakpoint. */
  record Breakpoint(VirtualAddress address) implements StopReason {}

  /**
   * The instruction before the one that RIP names used the bytes of a watchpoint.
   *
   * @param watchpoint the one that was hit
   * @param address the first of its bytes that was used
   */
  record Watched(Watchpoint watchpoint, VirtualAddress address) implements StopReason {}

  /** The CPU ran backwards to the first moment that the machine remembers. */
  record HistoryEnded() implements StopReason {}

  /** The guest executed HLT with nothing to wake it. */
  record Halted() implements StopReason {}

  /**
   * An exception that nobody handled; the CPU stands at the instruction that RIP names.
   *
   * @param vector the exception's number, 0 to 31
   * @param description one line for a person
   */
  record Crashed(int vector, String description) implements StopReason {}

  /**
   * The machine ended and can't be resumed.
   *
   * @param status the exit status that the guest or its end decided, 0 to 255
   */
  record Exited(int status) implements StopReason {}
}
