package dev.kmemu.emulator.debug;

/** What decides whether a breakpoint stops the CPU. */
@FunctionalInterface
public interface BreakpointCondition {

  /**
   * Whether to stop here. Called on the CPU's thread each time that the breakpoint is hit; it must
   * return soon and not call the target. One that throws stops the CPU.
   */
  boolean stops(StoppedCpu cpu);
}
