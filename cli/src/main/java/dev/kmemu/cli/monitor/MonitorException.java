package dev.kmemu.cli.monitor;

/** A command that can't be executed; the message says what, why, and what would work. */
final class MonitorException extends RuntimeException {

  private static final long serialVersionUID = 1;

  MonitorException(String message) {
    super(message);
  }
}
