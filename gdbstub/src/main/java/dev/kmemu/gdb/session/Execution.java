package dev.kmemu.gdb.session;

import dev.kmemu.emulator.debug.DebugTarget;
import dev.kmemu.emulator.debug.ResumeKind;
import dev.kmemu.emulator.debug.ReverseExecution;
import dev.kmemu.emulator.debug.StopReason;
import dev.kmemu.emulator.memory.VirtualAddress;
import dev.kmemu.gdb.packet.Motion;
import dev.kmemu.gdb.target.BreakpointCommands;
import dev.kmemu.gdb.target.RegisterCommands;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets the CPU run as one debugger wants. A range is stepped through here: the machine steps, and
 * each stop inside the range that means nothing to the debugger is followed by the next step. Only
 * for the connection's event loop, but for {@link #resumes}.
 */
final class Execution {

  private final DebugTarget target;
  private final RegisterCommands registers;
  private final BreakpointCommands breakpoints;

  /** Written by the event loop before a resume, read by the CPU's thread at the stop after it. */
  private final AtomicInteger resumes = new AtomicInteger();

  private Motion.@Nullable StepRange range;
  private boolean interrupted;
  private boolean stoppedByAction;
  private boolean backwards;

  Execution(DebugTarget target, RegisterCommands registers, BreakpointCommands breakpoints) {
    this.target = target;
    this.registers = registers;
    this.breakpoints = breakpoints;
  }

  /** Returns how often the machine was resumed; may be called from any thread. */
  int resumes() {
    return resumes.get();
  }

  /** Whether the CPU ran backwards the last time. */
  boolean wasBackwards() {
    return backwards;
  }

  /** Lets a paused CPU run. */
  void resume(ResumeKind kind) {
    begin(null, false);
    target.resume(kind);
  }

  /** Lets a paused CPU step through a range. */
  void stepThrough(Motion.StepRange through) {
    begin(through, false);
    target.resume(ResumeKind.STEP);
  }

  /** Lets a paused CPU run backwards. */
  void resumeBackwards(ReverseExecution reverse, ResumeKind kind) {
    begin(null, true);
    reverse.resumeBackwards(kind);
  }

  /** Asks a running CPU to stop, also one that is just between two steps. */
  void interrupt() {
    interrupted = true;
    target.interrupt();
  }

  /** Asks a running CPU to stop for {@code vCont;t}, which is no signal. */
  void stopByAction() {
    stoppedByAction = true;
    interrupt();
  }

  /** Whether {@code reason} is what {@code vCont;t} asked for. */
  boolean wasStoppedByAction(StopReason reason) {
    return stoppedByAction && reason instanceof StopReason.Interrupted;
  }

  /**
   * Steps on when {@code reason} is nothing but a step inside a range.
   *
   * @return why the CPU is paused, or null when it runs again
   */
  @Nullable StopReason stopOrStepOn(StopReason reason) {
    Motion.StepRange through = range;
    if (through == null || !(reason instanceof StopReason.Stepped)) {
      return reason;
    }
    VirtualAddress rip = registers.rip();
    if (!through.includes(rip)) {
      return reason;
    } else if (interrupted) {
      return new StopReason.Interrupted();
    } else if (breakpoints.isAt(rip)) {
      return new StopReason.Breakpoint(rip);
    }
    stepThrough(through);
    return null;
  }

  private void begin(Motion.@Nullable StepRange through, boolean inReverse) {
    range = through;
    interrupted = false;
    stoppedByAction = false;
    backwards = inReverse;
    resumes.incrementAndGet();
  }
}
