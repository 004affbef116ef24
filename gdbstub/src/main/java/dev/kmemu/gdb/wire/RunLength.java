package dev.kmemu.gdb.wire;

/**
 * Run-length encoding (GDB manual, Overview of Remote Protocol): {@code X*c} stands for {@code X}
 * and {@code c - 29} more of it. Only replies have it.
 */
public enum RunLength {
  /** A {@code *} is a byte like any other: what a debugger sends. */
  LITERAL,
  /** A {@code *} repeats the byte before it: what a stub sends. */
  EXPANDED;

  static final char MARK = '*';

  /** A count's character is the number of further bytes plus this. */
  static final int BIAS = 29;

  /** Shorter runs aren't worth the mark and the count. */
  static final int LEAST = 3;

  /** The highest count is {@code ~}, the last printable character. */
  static final int MOST = '~' - BIAS;

  /** Returns the longest run of at most {@code more} further bytes that a count may stand for. */
  static int longest(int more) {
    int run = Math.min(more, MOST);
    while (isControl(run + BIAS)) {
      run--;
    }
    return run;
  }

  /** Whether a reader that looks for frames byte by byte could mistake the count for something. */
  private static boolean isControl(int count) {
    return switch (count) {
      case '#', '$', '+', '-', MARK, '}' -> true;
      default -> false;
    };
  }
}
