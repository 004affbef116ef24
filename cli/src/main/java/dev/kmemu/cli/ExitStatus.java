package dev.kmemu.cli;

import dev.kmemu.emulator.machine.GuestOutcome;
import org.jspecify.annotations.Nullable;

/** The exit statuses that scripts rely on. */
final class ExitStatus {

  static final int OK = 0;

  /** The guest ended, but reported a failure of its own. */
  static final int GUEST_FAILED = 1;

  static final int USAGE = 2;

  /** The machine that kmemu runs on lacks something, or doesn't take the output. */
  static final int ENVIRONMENT = 3;

  /** The guest's time was over. */
  static final int TIMEOUT = 124;

  static final int GUEST_CRASHED = 125;

  /** Who read standard output has gone: what a shell makes of a program ended by SIGPIPE. */
  static final int READER_LEFT = 128 + 13;

  private ExitStatus() {}

  /**
   * Returns the status of a boot, null for one whose time was over. A guest that exits has the
   * status that QEMU's isa-debug-exit gives it, which is odd, so that 0 stays for an orderly end.
   */
  static int ofBoot(@Nullable GuestOutcome outcome) {
    if (outcome == null) {
      return TIMEOUT;
    }
    return outcome instanceof GuestOutcome.Exited exited
        ? ((exited.value() << 1) | 1) & 0xFF
        : of(outcome);
  }

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
