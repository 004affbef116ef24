package dev.kmemu.cli;

/** The exit statuses that scripts rely on. */
final class ExitStatus {

  static final int OK = 0;

  /** The guest ended, but reported a failure of its own. */
  static final int GUEST_FAILED = 1;

  static final int USAGE = 2;
  static final int ENVIRONMENT = 3;
  static final int GUEST_CRASHED = 125;

  private ExitStatus() {}
}
