package dev.kmemu.emulator.unicorn;

/** Unicorn can't be used, or refused a call. The message is one line: what, why, way out. */
public final class UnicornException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnicornException(String message) {
    super(message);
  }

  UnicornException(String message, Throwable cause) {
    super(message, cause);
  }
}
