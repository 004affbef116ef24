package dev.kmemu.emulator.snapshot;

/** A snapshot that can't be taken, read or restored; the machine is as it was. */
public final class SnapshotException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Creates one that says what was expected, what was found, and the way out. */
  public SnapshotException(String message) {
    super(message);
  }

  /** The same with a cause. */
  public SnapshotException(String message, Throwable cause) {
    super(message, cause);
  }
}
