package dev.kmemu.cluster;

/** A cluster can't be joined. The message names it, why, and the way out. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }

  ClusterException(String message) {
    super(message);
  }
}
