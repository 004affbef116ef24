package dev.kmemu.cli;

import dev.kmemu.emulator.machine.GuestOutcome;
import org.jspecify.annotations.Nullable;

/** The exit statuses that scripts rely on. */
final class ExitStatus {

  static final int OK = 0;

  /** The guest ended, but reported a failure of its own. */
  static final int GUEST_FAILED = 1;

  static final int USAGE = 2;
  static final int ENVIRONMENT = 3;
  static final int GUEST_CRASHED = 125;

  private ExitStatus() {}

  /** Returns the status of a run whose guest ended this way. */
  static int of(@Nullable GuestOutcome outcome) {
    if (outcome instanceof GuestOutcome.Exited exited) {
      return exited.value() == 0 ? OK : GUEST_FAILED;
    }
    return outcome instanceof GuestOutcome.Crashed || outcome instanceof GuestOutcome.EngineFailed
        ? GUEST_CRASHED
        : OK;
  }
}
