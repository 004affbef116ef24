package dev.kmemu.testkit.gdb;

/** The stub refused a request, or didn't answer; the message says which and how. */
public final class GdbException extends RuntimeException {

  private static final long serialVersionUID = 1;

  GdbException(String message) {
    super(message);
  }

  GdbException(String message, Throwable cause) {
    super(message, cause);
  }
}
