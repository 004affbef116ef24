package dev.kmemu.emulator.machine;

import dev.kmemu.emulator.trap.CrashReport;
import org.jspecify.annotations.Nullable;

/** How the guest fared in the end. */
public sealed interface GuestOutcome {

  /** It wrote {@code value} to the debug-exit port. */
  record Exited(int value) implements GuestOutcome {}

  /** It switched the machine off. */
  record PoweredOff() implements GuestOutcome {}

  /** It reset the machine. */
  record Rebooted() implements GuestOutcome {}

  /** It executed HLT, and nothing could wake it. */
  record Halted() implements GuestOutcome {}

  /** It raised an exception that nobody could answer. */
  record Crashed(CrashReport report) implements GuestOutcome {}

  /**
   * The engine gave up.
   *
   * @param reason one line for a person
   * @param cause what a handler threw, if that was it
   */
  record EngineFailed(String reason, @Nullable Throwable cause) implements GuestOutcome {}

  /** A debugger killed it, or the machine was closed. */
  record Killed() implements GuestOutcome {}
}
