package dev.kmemu.emulator.virtio;

/** A driver has broken the rules: the device needs a reset before it does anything again. */
public final class VirtioException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says which rule. */
  public VirtioException(String message) {
    super(message);
  }

  /** Says which rule, and what came of it. */
  public VirtioException(String message, Throwable cause) {
    super(message, cause);
  }
}
