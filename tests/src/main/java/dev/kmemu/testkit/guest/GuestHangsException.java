package dev.kmemu.testkit.guest;

/** A guest that didn't come to an end in time. */
public final class GuestHangsException extends RuntimeException {

  private static final long serialVersionUID = 1;

  GuestHangsException(String message) {
    super(message);
  }
}
