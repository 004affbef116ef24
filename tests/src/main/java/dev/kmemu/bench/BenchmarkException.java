package dev.kmemu.bench;

/** A benchmark that couldn't run; the message says why in one line. */
public final class BenchmarkException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  BenchmarkException(String message) {
    super(message);
  }

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
