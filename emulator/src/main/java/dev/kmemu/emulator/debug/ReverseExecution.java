package dev.kmemu.emulator.debug;

/** A machine that remembers how it came where it is, as {@link DebugTarget}'s thread rules say. */
public interface ReverseExecution {

  /**
   * Lets the CPU run backwards; returns at once. {@link ResumeKind#STEP} undoes one instruction;
   * {@link ResumeKind#CONTINUE} goes back to the last breakpoint or watchpoint before here. The
   * stop goes to the listener; where history begins, that is {@link StopReason.HistoryEnded}.
   */
  void resumeBackwards(ResumeKind kind);
}
